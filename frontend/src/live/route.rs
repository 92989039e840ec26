//! `/live?rows=7,5&new=1&since=1709208000000000`: what happens to these rows.

use axum::{
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{Cursor, client::Subscription};
use crate::{add_page::shown_ids, site::Site};

#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    rows: String,
    new: Option<String>,
    since: Option<Cursor>,
}

pub(crate) async fn handle(
    State(site): State<Site>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Response {
    let Ok(shown) = shown_ids(&wish.rows) else {
        return (StatusCode::BAD_REQUEST, "\"rows\" takes the ids of pictures with commas between them\n")
            .into_response();
    };
    // A browser that lost the connection says what it heard last.
    let heard = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let since = heard.or(wish.since).unwrap_or(Cursor::MAX);
    let (subscription, events) = Subscription::new(shown, wish.new.is_some(), since);
    if site.live.asking.try_send(subscription).is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")]).into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Proxies that collect answers would keep the events back.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events)).into_response()
}
