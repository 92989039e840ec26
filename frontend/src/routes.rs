//! Every route of the frontend, and the headers that each answer carries.

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::time::timeout;
use tower_http::trace::TraceLayer;

use crate::{error_page::PageError, store::Store, table_page};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Nothing but our own style sheet is loaded, nothing frames the pages.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn router(store: Store) -> Router {
    Router::new()
        .route("/", get(table_page::handle))
        .route("/style.css", get(style))
        .fallback(async || PageError::NoSuchPage)
        .with_state(store)
        .layer(from_fn(within_time))
        .layer(map_response(with_security_headers))
        .layer(TraceLayer::new_for_http())
}

async fn within_time(request: Request, next: Next) -> Response {
    match timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => PageError::DatabaseAway.into_response(),
    }
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../templates/style.css"))
}

async fn with_security_headers(mut response: Response) -> Response {
    let headers: [(HeaderName, &'static str); 3] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
