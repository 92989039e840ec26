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

use crate::{assets, error_page::PageError, image_page, live, pixels, site::Site, system_page, table_page};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Nothing but our own files is loaded, nothing frames the pages, and nothing is written within them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn router(site: Site) -> Router {
    Router::new()
        .route("/", get(table_page::handle))
        .route("/images/{id}", get(image_page::handle))
        .route("/system", get(system_page::handle))
        .route("/live", get(live::handle))
        .route("/static/{name}", get(assets::handle))
        .merge(pixels::router())
        .fallback(async || PageError::NoSuchPage)
        .with_state(site)
        .layer(from_fn(within_time))
        .layer(map_response(with_security_headers))
        .layer(TraceLayer::new_for_http())
}

/// The time until the answer begins; an open page hears of changes for as long as it is open.
async fn within_time(request: Request, next: Next) -> Response {
    match timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => PageError::DatabaseAway.into_response(),
    }
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
pub(crate) mod tests;
