//! What was changed, by whom, newest first: all of it, or that of a person or an image.

mod sentence;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    response::Html,
    routing::get,
};
use serde::Deserialize;

use crate::{
    error_page::PageError,
    site::Site,
    site_address,
    store::{AuditOf, AuditRow},
    visitor::Frame,
    words,
};

/// Changes of a page.
const PAGE_SIZE: usize = 50;

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    frame: Frame,
    /// Whose it is, and where they are; none when it is of all.
    of: Option<(String, String)>,
    entries: Vec<Entry>,
    is_further: bool,
    newest: String,
    further: Option<String>,
}

/// One change.
struct Entry {
    at: String,
    sentence: String,
    /// Who it was about, if they are still there.
    person: Option<(u64, String)>,
    image: Option<u64>,
}

#[derive(Deserialize)]
struct Wish {
    person: Option<u64>,
    image: Option<u64>,
    before: Option<u64>,
}

pub(crate) fn router() -> Router<Site> {
    Router::new().route("/history", get(handle))
}

async fn handle(
    State(site): State<Site>,
    frame: Frame,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Result<Html<String>, PageError> {
    let wrong = PageError::WrongWords("\"person\", \"image\" and \"before\" take an id, a whole number.");
    let Ok(Query(Wish { person, image, before })) = wish else { return Err(wrong) };
    let of = match (person, image) {
        (None, None) => AuditOf::All,
        (Some(person), None) => AuditOf::Person(person),
        (None, Some(image)) => AuditOf::Image(image),
        (Some(_), Some(_)) => {
            return Err(PageError::WrongWords("\"person\" and \"image\" exclude each other."));
        }
    };
    // One more than is shown tells whether there is another page.
    let mut rows = site.store.audit(of, before, PAGE_SIZE + 1).await?;
    let has_more = rows.len() > PAGE_SIZE;
    rows.truncate(PAGE_SIZE);
    let whose = match of {
        AuditOf::All => None,
        AuditOf::Image(id) => Some((format!("picture {id}"), site_address::image(id))),
        AuditOf::Person(id) => {
            site.store.person(id).await?.map(|person| (person.name, site_address::person(id)))
        }
    };
    let address = |before: Option<u64>| {
        let number = |id: Option<u64>| id.map(|id| id.to_string());
        let words = [("person", number(person)), ("image", number(image)), ("before", number(before))];
        site_address::with_words("/history", &words)
    };
    let page = HistoryPage {
        frame,
        of: whose,
        is_further: before.is_some(),
        newest: address(None),
        further: rows.last().filter(|_| has_more).map(|last| address(Some(last.id))),
        entries: rows.into_iter().map(Entry::new).collect(),
    };
    page.render().map(Html).map_err(PageError::Rendering)
}

impl Entry {
    fn new(row: AuditRow) -> Self {
        Self {
            at: words::date_time(row.at),
            sentence: sentence::of(&row),
            person: row.person_id.zip(row.person),
            image: row.image_id.filter(|_| row.has_image),
        }
    }
}
