//! The addresses of pictures.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use pictures::ReadError;
use renditions::{Answer, Kind, RenditionError};

use super::{PixelError, THUMBNAIL, VIEW, neutral};
use crate::{site::Site, store::StoreError};

/// A browser asks again whether a picture has changed after so long.
const KEPT: &str = "private, max-age=60";

pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/pictures/{id}/thumbnail", get(thumbnail))
        .route("/pictures/{id}/view", get(view))
        .route("/faces/{id}/crop", get(face))
        .route("/known-photos/{name}", get(known_photo))
}

async fn thumbnail(State(site): State<Site>, Path(id): Path<u64>, headers: HeaderMap) -> Response {
    respond(picture(&site, id, THUMBNAIL, &headers).await)
}

async fn view(State(site): State<Site>, Path(id): Path<u64>, headers: HeaderMap) -> Response {
    respond(picture(&site, id, VIEW, &headers).await)
}

async fn picture(site: &Site, id: u64, kind: Kind, headers: &HeaderMap) -> Result<Answer, PixelError> {
    let picture = site.store.picture(id).await?.ok_or(PixelError::Unknown)?;
    site.pixels.picture(&picture, kind, known(headers)).await
}

async fn face(State(site): State<Site>, Path(id): Path<u64>, headers: HeaderMap) -> Response {
    let answer = async {
        let face = site.store.face(id).await?.ok_or(PixelError::Unknown)?;
        site.pixels.face(&face, known(&headers)).await
    };
    respond(answer.await)
}

async fn known_photo(State(site): State<Site>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    respond(site.pixels.known_photo(&name, known(&headers)).await)
}

/// The name of the copy that the browser has.
fn known(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::IF_NONE_MATCH)?.to_str().ok()?.strip_prefix('"')?.strip_suffix('"')
}

fn respond(answer: Result<Answer, PixelError>) -> Response {
    match answer {
        Ok(Answer::Unchanged) => (StatusCode::NOT_MODIFIED, [(header::CACHE_CONTROL, KEPT)]).into_response(),
        Ok(Answer::Copy { name, jpeg }) => {
            let headers = [
                (header::CONTENT_TYPE, "image/jpeg".to_owned()),
                (header::CACHE_CONTROL, KEPT.to_owned()),
                (header::ETAG, format!("\"{name}\"")),
            ];
            (headers, jpeg).into_response()
        }
        Err(error) => {
            let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-store")];
            let mut response =
                (status(&error), headers, neutral::drawing(neutral::reason(&error))).into_response();
            if let StatusCode::SERVICE_UNAVAILABLE = response.status() {
                response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
            }
            response
        }
    }
}

/// A browser shows the drawing whatever the status is; a program reads it.
fn status(error: &PixelError) -> StatusCode {
    match error {
        PixelError::DatabaseAway | PixelError::Rendition(RenditionError::Busy) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        PixelError::Rendition(RenditionError::Picture(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        PixelError::Rendition(RenditionError::Failed | RenditionError::Read(ReadError::Unreadable(_))) => {
            tracing::error!(%error, "a picture could not be shown");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        PixelError::Unknown | PixelError::Path(_) | PixelError::Rendition(_) => StatusCode::NOT_FOUND,
    }
}

impl From<StoreError> for PixelError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database could not be read");
        Self::DatabaseAway
    }
}
