//! Every route of the frontend, and the headers that each answer carries.

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{Next, from_fn, map_response},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::time::timeout;
use tower_http::trace::TraceLayer;

use crate::{
    add_page, assets, error_page::PageError, export, history_page, image_page, live, notice, people_page,
    person_page, pixels, same_site, sign_in, site::Site, system_page, table_page, unknown_page,
};

const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The API is given 70 s for a change that takes long (`api::Limits`), and the page behind it is read, too.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(90);
/// Files come as fast as the visitor's line is.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(10);

/// Nothing but our own files is loaded, nothing frames the pages, and nothing is written within them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn router(site: Site) -> Router {
    let uploads =
        add_page::upload_router().merge(person_page::upload_router()).layer(from_fn(within_upload_time));
    let pages = Router::new()
        .route("/", get(table_page::handle))
        .merge(image_page::router())
        .merge(people_page::router())
        .merge(person_page::router())
        .merge(unknown_page::router())
        .merge(add_page::router())
        .merge(history_page::router())
        .route("/system", get(system_page::handle))
        .route("/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/export/{name}", get(export::handle))
        .route("/live", get(live::handle))
        .route("/static/{name}", get(assets::handle))
        .merge(pixels::router())
        .fallback(async || PageError::NoSuchPage)
        .layer(from_fn(within_time));
    pages
        .merge(uploads)
        .with_state(site)
        .layer(from_fn(notice::told_once))
        .layer(from_fn(same_site::required))
        .layer(map_response(with_security_headers))
        .layer(TraceLayer::new_for_http())
}

/// The time until the answer begins; an open page hears of changes for as long as it is open.
async fn within_time(request: Request, next: Next) -> Response {
    let (most, late) = match *request.method() {
        Method::GET | Method::HEAD => (READ_TIMEOUT, PageError::DatabaseAway),
        _ => (CHANGE_TIMEOUT, PageError::TooSlow),
    };
    timeout(most, next.run(request)).await.unwrap_or_else(|_| late.into_response())
}

async fn within_upload_time(request: Request, next: Next) -> Response {
    timeout(UPLOAD_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| PageError::TooSlow.into_response())
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
