//! `HealthCheck`: whether a picture sent now would be answered.

use std::time::Duration;

use proto::{Empty, HealthCheckResponse, health_check_server::HealthCheck};
use tokio::time::timeout;
use tonic::{Request, Response, Status};

use super::Services;
use crate::recogniser::Slot;

/// How long the engine may take for a picture of nothing.
const ANSWER_BUDGET: Duration = Duration::from_secs(5);

#[tonic::async_trait]
impl HealthCheck for Services {
    async fn health_check(&self, _request: Request<Empty>) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse { ready: readiness(&self.recogniser).await.is_ok() }))
    }
}

/// The same in words, for `/readyz`.
pub(crate) async fn readiness(recogniser: &Slot) -> Result<(), String> {
    let recogniser = recogniser.get().map_err(|loading| loading.to_string())?;
    match timeout(ANSWER_BUDGET, recogniser.answers()).await {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err("the engine does not answer".to_owned()),
    }
}
