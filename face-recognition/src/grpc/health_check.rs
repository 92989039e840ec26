//! `HealthCheck`: whether a picture sent now would be answered.

use std::time::Duration;

use proto::{Empty, HealthCheckResponse, health_check_server::HealthCheck};
use tokio::time::timeout;
use tonic::{Request, Response, Status};

use super::Services;

/// How long an engine that was idle may take for a picture of nothing.
const ANSWER_BUDGET: Duration = Duration::from_secs(5);

#[tonic::async_trait]
impl HealthCheck for Services {
    async fn health_check(&self, _request: Request<Empty>) -> Result<Response<HealthCheckResponse>, Status> {
        let ready = match self.recogniser.get() {
            Ok(recogniser) => timeout(ANSWER_BUDGET, recogniser.answers()).await.unwrap_or(false),
            Err(_loading) => false,
        };
        Ok(Response::new(HealthCheckResponse { ready }))
    }
}
