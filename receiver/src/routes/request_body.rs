//! The JSON body of the two POST routes, read whatever the Content-Type says: `curl -d` sends
//! `application/x-www-form-urlencoded`, and that is how people post.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::IntoResponse,
};
use serde::de::DeserializeOwned;

use crate::problem::{Fault, Problem};

/// A body that is JSON of the shape `T`.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => body_too_large(),
                _ => Problem::plain(
                    StatusCode::BAD_REQUEST,
                    "body_unreadable",
                    "the body ended too early: send it again",
                ),
            }
        })?;
        parse(&body).map(Self)
    }
}

fn body_too_large() -> Problem {
    let detail = format!(
        "the body is larger than {} MiB: send the paths of pictures, in several requests if there are many",
        super::MAX_BODY_BYTES / 1024 / 1024
    );
    Problem::plain(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() {
        return Err(Problem::plain(
            StatusCode::BAD_REQUEST,
            "body_empty",
            "the body is empty: send JSON, for instance {\"path\": \"/photos/a.jpg\"}",
        ));
    }
    // serde would read a struct from a list too.
    if body.trim_ascii_start().starts_with(b"[") {
        let detail =
            "the body is a list: send an object, for instance {\"path\": \"/photos/a.jpg\"}".to_owned();
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            Fault { code: "wrong_shape", detail, field: None },
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            let fault = Fault { code: "wrong_shape", detail: error.to_string(), field: field_of(&error) };
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault)
        } else {
            Problem::plain(StatusCode::BAD_REQUEST, "not_json", format!("the body is not JSON: {error}"))
        }
    })
}

/// The field that serde's message names, for instance: missing field `path`.
fn field_of(error: &serde_json::Error) -> Option<String> {
    let message = error.to_string();
    let (_, after) = message.split_once("field `")?;
    after.split_once('`').map(|(field, _)| field.to_owned())
}
