//! Files that somebody uploads. A browser without a script sends all at once and is led to their page; the script sends each
//! on its own and is told in JSON.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{Added, address};
use crate::{
    answer::Answer,
    api::{ApiError, Caller},
    error_page::PageError,
    notice::Notice,
    row::Row,
    site::Site,
    site_address,
    upload::Upload,
    visitor::Frame,
};

/// What the script is told.
#[derive(Debug, Default, Serialize)]
struct Told {
    /// Ids and rows of what was taken.
    rows: Vec<(u64, String)>,
    refused: Vec<String>,
    /// Where to go first.
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in: Option<String>,
}

pub(super) async fn handle(
    State(site): State<Site>,
    frame: Frame,
    caller: Caller,
    headers: HeaderMap,
    upload: Upload,
) -> Result<Response, PageError> {
    let caller = &caller;
    let sent = upload.send_each(|name, bytes| async move {
        let posted = caller.upload_picture(&name, bytes).await?;
        Ok(posted.id)
    });
    let sent = sent.await;
    let not_let_in = sent.not_let_in;
    let added = Added { ids: sent.taken, refused: sent.refused, text: String::new() };
    if headers.get(header::ACCEPT).is_some_and(|accepts| accepts == "application/json") {
        return told(&site, added, not_let_in).await;
    }
    match not_let_in {
        Some(error) => Ok(Answer::failed(&address(&added.ids), &error).into_response()),
        None if added.refused.is_empty() && added.ids.is_empty() => {
            Ok(Answer::refused("/add", "Choose a file first.").into_response())
        }
        None if added.refused.is_empty() => Ok(Answer::quiet(address(&added.ids)).into_response()),
        None => added.page(&site, frame).await,
    }
}

async fn told(site: &Site, added: Added, not_let_in: Option<ApiError>) -> Result<Response, PageError> {
    let images = site.store.images_by_id(&added.ids).await?;
    let faces = site.store.faces_of(&images).await?;
    let mut told = Told {
        refused: added.refused.into_iter().map(|(_, sentence)| sentence).collect(),
        sign_in: not_let_in.as_ref().map(|_| site_address::sign_in("/add")),
        rows: Vec::new(),
    };
    for row in Row::all(images, &faces) {
        told.rows.push((row.id, row.fragment().map_err(PageError::Rendering)?));
    }
    let status = match &told {
        Told { sign_in: Some(_), .. } => StatusCode::UNAUTHORIZED,
        Told { refused, .. } if !refused.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let mut response = (status, Json(told)).into_response();
    if let Some(error) = not_let_in {
        // The sign-in page says why the visitor is there: the script only leads to it.
        let notice = Notice::Refused(format!("{} Then add the files again.", error.sentence()));
        response.headers_mut().append(header::SET_COOKIE, notice.cookie());
    }
    Ok(response)
}
