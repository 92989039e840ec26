//! The table of images: newest first, in pages, all or of one kind. A page that is open follows what happens.

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
    row::Row,
    site::Site,
    store::{Counts, FaceRow, Images},
    view::{Address, AddressError, Position, Standing, View, moment_text},
    visitor::Frame,
};
use filters::FilterLink;

pub(crate) const PAGE_SIZE: usize = 50;
/// Counting stops here: to count a million rows takes long.
const COUNT_LIMIT: u64 = 1000;

#[derive(Template)]
#[template(path = "table.html")]
struct TablePage {
    frame: Frame,
    rows: Vec<Row>,
    /// Why there are no rows.
    empty: Option<Empty>,
    /// Whether new images belong to the top of it.
    is_newest: bool,
    /// What an open page asks to hear of, empty where there is nothing.
    live: String,
    by_status: Vec<FilterLink>,
    /// Empty unless unresolved images are shown.
    by_reason: Vec<FilterLink>,
    form: Form,
    /// Addresses of other pages under the same filter.
    newest: String,
    newer: Option<String>,
    older: Option<String>,
    /// Set where the search ended before the end of the images.
    looked_to: Option<u64>,
}

/// What the fields of the form hold.
struct Form {
    standing: Vec<(&'static str, &'static str)>,
    text: String,
    person: String,
    from: String,
    until: String,
    /// Whether any of them does.
    is_used: bool,
    /// Without the fields.
    cleared: String,
}

/// Why a page shows no images.
enum Empty {
    NoPictures,
    /// There is no image of the kind that these words name.
    NoneOfThisKind(String),
    NothingFound,
    /// So far.
    NothingFoundYet,
    NobodyOfThatName(String),
    NothingOlder,
    NothingNewer,
}

pub(crate) async fn handle(
    State(site): State<Site>,
    frame: Frame,
    address: Result<Query<Address>, QueryRejection>,
) -> Result<Html<String>, PageError> {
    let Query(address) = address.map_err(|_| AddressError::Unreadable)?;
    let view = View::try_from(address)?;
    let images = site.store.images(&view, PAGE_SIZE).await?;
    let faces = match &images {
        Some(images) => site.store.faces_of(&images.rows).await?,
        None => HashMap::new(),
    };
    let counts = site.store.counts(COUNT_LIMIT).await?;
    TablePage::new(frame, &view, images, &faces, &counts).render().map(Html).map_err(PageError::Rendering)
}

impl TablePage {
    fn new(
        frame: Frame,
        view: &View,
        images: Option<Images>,
        faces: &HashMap<u64, Vec<FaceRow>>,
        counts: &Counts,
    ) -> Self {
        let is_known = images.is_some();
        let Images { rows, newer, older, looked_to } = images.unwrap_or_default();
        let link = |position| view.at(position).address();
        let is_newest = view.position == Position::Newest;
        let empty = rows.is_empty().then(|| match (&view.filter.person, is_known) {
            (Some(name), false) => Empty::NobodyOfThatName(name.clone()),
            _ => Empty::of(view, looked_to.is_some()),
        });
        let takes_new = is_newest && view.filter.is_all();
        let live = crate::live::address(&rows, takes_new);
        Self {
            frame,
            is_newest,
            live,
            newer: newer.map(link),
            older: older.map(link),
            newest: link(Position::Newest),
            looked_to,
            empty,
            by_status: filters::by_status(&view.filter, counts),
            by_reason: filters::by_reason(&view.filter),
            form: Form::new(view),
            rows: Row::all(rows, faces),
        }
    }
}

impl Form {
    fn new(View { filter, .. }: &View) -> Self {
        let moment = |moment: Option<_>| moment.map(moment_text).unwrap_or_default();
        let cleared = View::newest(crate::view::Filter { standing: filter.standing, ..Default::default() });
        Self {
            standing: filter.standing.words(),
            text: filter.text.clone().unwrap_or_default(),
            person: filter.person.clone().unwrap_or_default(),
            from: moment(filter.from),
            until: moment(filter.until),
            is_used: *filter != cleared.filter,
            cleared: cleared.address(),
        }
    }
}

impl Empty {
    fn of(view: &View, is_cut: bool) -> Self {
        let is_searched = view.filter.with(Standing::All) != crate::view::Filter::default();
        match (view.position, view.filter.standing) {
            (Position::Newest | Position::Before(_), _) if is_cut => Self::NothingFoundYet,
            (Position::Newest, _) if is_searched => Self::NothingFound,
            (Position::Newest, Standing::All) => Self::NoPictures,
            (Position::Newest, Standing::Status(status)) => Self::NoneOfThisKind(status.name().to_owned()),
            (Position::Newest, Standing::Reason(reason)) => {
                let status = ImageStatus::Unresolved.name();
                Self::NoneOfThisKind(format!("{status} ({})", filters::label(reason)))
            }
            (Position::Before(_), _) => Self::NothingOlder,
            (Position::After(_), _) => Self::NothingNewer,
        }
    }
}
