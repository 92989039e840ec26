//! A request with an `Idempotency-Key` is done once: one that comes again gets the first answer again, byte for byte.
//! A request without the header passes by.
//!
//! An answer that blames us (5xx) is not kept, so that the request may come again. A receiver that dies with a request
//! in work leaves a lease behind that runs out; whoever sends the request after that has it done again, which stores no
//! picture twice.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use super::{REQUEST_TIMEOUT, request_body};
use crate::{
    app::AppState,
    idempotency_key::{HEADER, IdempotencyKey, KeyError},
    problem::{Fault, IN_PROGRESS, Problem},
    store::{Begun, Claim, KeptAnswer, Store},
};

/// Longer than a request can take.
pub(super) const LEASE: Duration = Duration::from_secs(REQUEST_TIMEOUT.as_secs() + 3);
/// Said with an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// More than any answer has: the paths of a request and a few words for each.
const ANSWER_BYTES: usize = 2 * request_body::MAX_BYTES;

/// The middleware of the two POST routes.
pub(super) async fn once(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    match IdempotencyKey::of(request.headers()).map_err(bad_key)? {
        None => Ok(next.run(request).await),
        Some(key) => once_with_key(&state, &key, request, next).await,
    }
}

async fn once_with_key(
    state: &AppState,
    key: &IdempotencyKey,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    let (head, body) = request.into_parts();
    let body = request_body::read(Request::from_parts(head.clone(), body), &()).await?;
    let hash = Sha256::digest(&body).into();
    match state.store.begin_request(&route, key.as_str(), &hash, LEASE).await? {
        Begun::Ours(claim) => {
            let response = next.run(Request::from_parts(head, Body::from(body))).await;
            Ok(keep(&state.store, &claim, response).await)
        }
        Begun::Answered(answer) => Ok(replay(answer)),
        Begun::InProgress => Err(in_progress()),
        Begun::OtherRequest => Err(other_request()),
    }
}

/// Keeps an answer before it is sent. Where the database does not let it, the answer is sent all the same.
async fn keep(store: &Store, claim: &Claim, response: Response) -> Response {
    let (head, body) = response.into_parts();
    let body = match to_bytes(body, ANSWER_BYTES).await {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "an answer could not be made");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let kept = if head.status.is_server_error() {
        store.release_request(claim).await
    } else {
        let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let answer = KeptAnswer {
            status: head.status.as_u16(),
            content_type: content_type.unwrap_or_default().to_owned(),
            body: body.to_vec(),
        };
        store.keep_answer(claim, &answer).await
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "the answer to a request with an idempotency key could not be kept");
    }
    Response::from_parts(head, Body::from(body))
}

fn replay(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Bytes::from(answer.body)).into_response();
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::try_from(answer.content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn bad_key(error: KeyError) -> Problem {
    let fault = Fault {
        code: "idempotency_key_malformed",
        detail: error.to_string(),
        field: Some(HEADER.to_owned()),
    };
    Problem::new(StatusCode::BAD_REQUEST, fault)
}

fn in_progress() -> Problem {
    let detail =
        "a request with this Idempotency-Key is being done: send it again in a moment for its answer";
    Problem::plain(StatusCode::CONFLICT, IN_PROGRESS, detail)
}

fn other_request() -> Problem {
    let fault = Fault {
        code: "idempotency_key_reused",
        detail: "this Idempotency-Key stands for a request with another body: send a new key".to_owned(),
        field: Some(HEADER.to_owned()),
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault)
}
