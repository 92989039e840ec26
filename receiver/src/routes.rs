//! Every route of the receiver, in one place.

pub(crate) mod actor;
mod authority;
mod dead_letters;
mod idempotency;
mod image;
mod post_image;
mod post_images;
mod redrive;
mod request_body;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::StatusCode,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::time::timeout;
use tower_http::trace::TraceLayer;

use crate::{app::AppState, problem::Problem};

/// How long a request may take, above all when the database hangs. Less than the time to stop.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(12);

pub(crate) fn router(state: AppState) -> Router {
    let once = || from_fn_with_state(state.clone(), idempotency::once);
    let authorised = || from_fn_with_state(Arc::clone(&state.access), authority::required);
    Router::new()
        .route("/image/post", post(post_image::handle).route_layer(once()))
        .route("/images/post", post(post_images::handle).route_layer(once()))
        .route("/api/v1/images/{id}", get(image::handle))
        .route("/api/v1/images/{id}/retry", post(redrive::retry).route_layer(authorised()))
        .route("/api/v1/dead-letters", get(dead_letters::handle))
        .route("/api/v1/dead-letters/redrive", post(redrive::redrive).route_layer(authorised()))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(state)
        .layer(DefaultBodyLimit::max(request_body::MAX_BYTES))
        .layer(from_fn(within_time))
        .layer(TraceLayer::new_for_http())
}

async fn within_time(request: Request, next: Next) -> Response {
    match timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "out_of_time",
            "this took too long: send the request again, with fewer paths if there were many; what was stored already is not stored twice",
        )
        .into_response(),
    }
}

async fn unknown_route() -> Problem {
    Problem::plain(
        StatusCode::NOT_FOUND,
        "unknown_route",
        "there is no such route; post a picture with POST /image/post and {\"path\": \"...\"}",
    )
}

async fn wrong_method() -> Problem {
    Problem::plain(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong_method",
        "the route exists, but not for this method",
    )
}

#[cfg(test)]
mod tests;
