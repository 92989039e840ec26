//! Unknown faces, gathered by likeness, the largest groups first: who is named once is named in all of a group.

mod group;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Html,
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    error_page::PageError,
    image_page::NAMES,
    site::Site,
    site_address,
    store::{Group, GroupPlace, Groups, MOST_GROUPED},
    visitor::Frame,
};

/// Groups of a page.
const PAGE_SIZE: usize = 12;

#[derive(Template)]
#[template(path = "unknown.html")]
struct UnknownPage {
    frame: Frame,
    groups: Vec<Group>,
    /// The highest id of a face that counts.
    as_of: u64,
    is_further: bool,
    further: Option<String>,
    /// Set where there are more unknown faces: of how many the groups are.
    only_faces: Option<u32>,
    names: Vec<String>,
}

/// Where a page begins; all three or none.
#[derive(Deserialize)]
struct Wish {
    as_of: Option<u64>,
    size: Option<u64>,
    id: Option<u64>,
}

pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/unknown", get(handle))
        .route("/unknown/{id}", get(group::handle).post(group::turn))
        .route("/unknown/{id}/name", post(group::name))
}

async fn handle(
    State(site): State<Site>,
    frame: Frame,
    wish: Result<Query<Wish>, axum::extract::rejection::QueryRejection>,
) -> Result<Html<String>, PageError> {
    let Query(wish) = wish.map_err(|_| PageError::WrongWords(WRONG))?;
    let place = match (wish.as_of, wish.size, wish.id) {
        (None, None, None) => None,
        (Some(as_of), Some(faces), Some(id)) => Some(GroupPlace { as_of, size: faces, id }),
        _ => return Err(PageError::WrongWords(WRONG)),
    };
    let Groups { rows: groups, as_of, further, is_cut } = site.store.groups(place, PAGE_SIZE).await?;
    let page = UnknownPage {
        frame,
        names: if groups.is_empty() { Vec::new() } else { site.store.names(NAMES).await? },
        groups,
        as_of,
        is_further: place.is_some(),
        only_faces: is_cut.then_some(MOST_GROUPED),
        further: further.map(address),
    };
    page.render().map(Html).map_err(PageError::Rendering)
}

const WRONG: &str = "A page of groups begins at \"as_of\", \"size\" and \"id\", three whole numbers.";

fn address(GroupPlace { as_of, size, id }: GroupPlace) -> String {
    let number = |number: u64| Some(number.to_string());
    site_address::with_words(
        "/unknown",
        &[("as_of", number(as_of)), ("size", number(size)), ("id", number(id))],
    )
}
