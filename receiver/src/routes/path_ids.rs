//! The ids and names in the path of a route; what is none is told as a problem.

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::problem::{Fault, Problem};

/// What stands in the path.
pub(super) struct ApiPath<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for ApiPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(ids)) => Ok(Self(ids)),
            Err(rejection) => {
                let detail = format!("ids are whole numbers: {}", rejection.body_text());
                let fault = Fault { code: "wrong_shape", detail, field: Some("id".to_owned()) };
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault))
            }
        }
    }
}
