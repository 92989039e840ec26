//! Every route of the receiver, in one place.
//!
//! To add one:
//! 1. Write the handler in a file of its own, with `#[utoipa::path]` over it: method, path, an `operation_id` that no other
//!    has, `tag`, `params`, `request_body`, and its answers. Its doc comment is what people read. A problem that it answers
//!    is a status with `body = Problem` and its code as the description; what every route may answer (the database is away,
//!    a wrong body) is added to the description by itself.
//! 2. Derive `ToSchema` for the types that it reads and writes, and for its query `utoipa::IntoParams`, by that whole name. A
//!    schema is named as its type, so no two types of the API have one name; somebody in an answer is a
//!    [`crate::person_ref::PersonRef`], a list and its cursor are those of `page`.
//! 3. List it in [`described`], or in [`described_slow`], by its kind (`kinds`): the kind brings the layers, and what the description says of them.
//!
//! Nothing is answered that is not listed there, and nothing listed there is missing in the description: `tests/described.rs`
//! holds the two against each other.

mod audit;
mod authority;
mod dead_letters;
mod deletion;
mod documentation;
mod entity_tag;
mod export;
mod faces;
mod idempotency;
mod image;
mod images;
mod kinds;
mod known_photos;
mod merges;
mod page;
mod path_ids;
mod people;
mod picture_body;
mod pictures;
mod post_image;
mod post_images;
mod redrive;
mod request_body;
pub(crate) mod statistics;
mod unknown_groups;
mod whom;

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use group_commit::Ended;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower_http::trace::TraceLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::AppState, problem::Problem};
use kinds::Kinds;

/// How long a request may take, above all when the database hangs. Less than the time to stop.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(12);
/// The same for one that brings a picture, or has the recogniser change known photos. Where the process stops meanwhile, it has
/// as long as the others.
const PICTURE_TIMEOUT: Duration = Duration::from_mins(1);

pub(crate) fn router(state: AppState) -> Router {
    let more_time = from_fn_with_state(state.stopping.clone(), within_more_time);
    let described = described(&state).layer(from_fn(within_time));
    let (router, document) = described.merge(described_slow(&state).layer(more_time)).split_for_parts();
    router
        .merge(documentation::router(&documentation::complete(document)))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(state)
        .layer(DefaultBodyLimit::max(request_body::MAX_BYTES))
        .layer(TraceLayer::new_for_http())
}

/// The routes and their description.
fn described(state: &AppState) -> OpenApiRouter<AppState> {
    let kinds = Kinds::new(state);
    OpenApiRouter::with_openapi(documentation::head())
        .routes(kinds.posts(routes!(post_image::handle)))
        .routes(kinds.posts(routes!(post_images::handle)))
        .routes(kinds.reads(routes!(images::handle)))
        .routes(kinds.reads(routes!(image::handle)))
        .routes(kinds.changes(routes!(deletion::handle)))
        .routes(kinds.changes(routes!(redrive::retry)))
        .routes(kinds.changes(routes!(redrive::rerun)))
        .routes(kinds.reads(routes!(dead_letters::handle)))
        .routes(kinds.changes(routes!(redrive::redrive)))
        .routes(kinds.reads(routes!(audit::handle)))
        .routes(kinds.reads(routes!(statistics::handle)))
        // Too long for a tag, which wants the whole answer in memory.
        .routes(routes!(export::people_csv))
        .routes(routes!(export::people_json_lines))
        .routes(routes!(export::results_csv))
        .routes(routes!(export::results_json_lines))
        .routes(kinds.reads(routes!(people::list)))
        .routes(kinds.changes(routes!(people::create)))
        .routes(kinds.reads(routes!(people::one)))
        .routes(kinds.changes(routes!(people::rename)))
        .routes(kinds.changes(routes!(merges::merge)))
        .routes(kinds.changes(routes!(merges::undo)))
        .routes(kinds.reads(routes!(known_photos::list)))
        .routes(kinds.changes(routes!(faces::assign, faces::unassign)))
        .routes(kinds.changes(routes!(faces::refuse, faces::unrefuse)))
        .routes(kinds.reads(routes!(unknown_groups::list)))
        .routes(kinds.reads(routes!(unknown_groups::one)))
}

/// Those that have more time: they bring a picture, or have the recogniser change known photos.
fn described_slow(state: &AppState) -> OpenApiRouter<AppState> {
    let kinds = Kinds::new(state);
    OpenApiRouter::new()
        .routes(kinds.changes(routes!(people::delete)))
        .routes(kinds.changes(routes!(known_photos::enrol)))
        .routes(kinds.changes(routes!(known_photos::forget)))
        .routes(kinds.changes(routes!(faces::enrol)))
        .routes(kinds.changes(routes!(unknown_groups::name)))
        .routes(kinds.changes(routes!(pictures::upload)))
}

async fn within_time(request: Request, next: Next) -> Response {
    timeout(REQUEST_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| out_of_time())
}

async fn within_more_time(
    State(stopping): State<CancellationToken>,
    request: Request,
    next: Next,
) -> Response {
    let stopped = async {
        stopping.cancelled().await;
        sleep(REQUEST_TIMEOUT).await;
    };
    tokio::select! {
        response = timeout(PICTURE_TIMEOUT, next.run(request)) => response.unwrap_or_else(|_| out_of_time()),
        () = stopped => Problem::from(Ended).into_response(),
    }
}

fn out_of_time() -> Response {
    Problem::plain(
        StatusCode::SERVICE_UNAVAILABLE,
        "out_of_time",
        "this took too long: send the request again, with fewer paths if there were many; what was stored already is not stored twice",
    )
    .into_response()
}

async fn unknown_route() -> Problem {
    Problem::plain(
        StatusCode::NOT_FOUND,
        "unknown_route",
        "there is no such route: /docs shows those that there are; a picture is posted with POST /image/post and {\"path\": \"...\"}",
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
