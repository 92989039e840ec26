//! The table of images: newest first, in pages, all or of one kind. The newest page renews itself.

mod filters;

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Html,
};
use migrations::ImageStatus;

use crate::{
    error_page::PageError,
    store::{Counts, ImageRow, Images, Store},
    view::{Address, AddressError, Filter, Position, View},
    words::{self, Words},
};
use filters::FilterLink;

const PAGE_SIZE: usize = 50;
/// Counting stops here: the page is read every two seconds, and to count a million rows takes long.
const COUNT_LIMIT: u64 = 1000;

#[derive(Template)]
#[template(path = "table.html")]
struct TablePage {
    rows: Vec<Row>,
    /// Why there are no rows.
    empty: Option<Empty>,
    renews: bool,
    by_status: Vec<FilterLink>,
    /// Empty unless unresolved images are shown.
    by_reason: Vec<FilterLink>,
    /// Addresses of other pages under the same filter.
    newest: String,
    newer: Option<String>,
    older: Option<String>,
}

/// Why a page shows no images.
enum Empty {
    NoPictures,
    /// There is no image of the kind that these words name.
    NoneOfThisKind(String),
    NothingOlder,
    NothingNewer,
}

struct Row {
    id: u64,
    path: String,
    person: Option<String>,
    others: Vec<String>,
    status: &'static str,
    words: Words,
    time: String,
}

pub(crate) async fn handle(
    State(store): State<Store>,
    address: Result<Query<Address>, QueryRejection>,
) -> Result<Html<String>, PageError> {
    let Query(address) = address.map_err(|_| AddressError::Unreadable)?;
    let view = View::try_from(address)?;
    let images = store.images(view, PAGE_SIZE).await?;
    let people = store.people_in(&images.rows).await?;
    let counts = store.counts(COUNT_LIMIT).await?;
    TablePage::new(view, images, people, &counts).render().map(Html).map_err(PageError::Rendering)
}

impl TablePage {
    fn new(view: View, images: Images, mut people: HashMap<u64, Vec<String>>, counts: &Counts) -> Self {
        let Images { rows, has_newer, has_older } = images;
        let first = rows.first().filter(|_| has_newer).map(|row| Position::After(row.id));
        let last = rows.last().filter(|_| has_older).map(|row| Position::Before(row.id));
        let link = |position| View { position, ..view }.address();
        Self {
            renews: view.position == Position::Newest,
            newer: first.map(link),
            older: last.map(link),
            newest: link(Position::Newest),
            empty: rows.is_empty().then(|| Empty::of(view)),
            by_status: filters::by_status(view.filter, counts),
            by_reason: filters::by_reason(view.filter),
            rows: rows.into_iter().map(|row| Row::new(row, &mut people)).collect(),
        }
    }
}

impl Empty {
    fn of(view: View) -> Self {
        match (view.position, view.filter) {
            (Position::Newest, Filter::All) => Self::NoPictures,
            (Position::Newest, Filter::Status(status)) => Self::NoneOfThisKind(status.name().to_owned()),
            (Position::Newest, Filter::Reason(reason)) => {
                let status = ImageStatus::Unresolved.name();
                Self::NoneOfThisKind(format!("{status} ({})", filters::label(reason)))
            }
            (Position::Before(_), _) => Self::NothingOlder,
            (Position::After(_), _) => Self::NothingNewer,
        }
    }
}

impl Row {
    fn new(image: ImageRow, people: &mut HashMap<u64, Vec<String>>) -> Self {
        let mut others = people.remove(&image.id).unwrap_or_default();
        others.retain(|name| Some(name) != image.person.as_ref());
        Self {
            id: image.id,
            words: words::about(&image),
            path: image.path,
            others,
            status: image.status.name(),
            person: image.person,
            time: words::date_time(image.created_at),
        }
    }
}
