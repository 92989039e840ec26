//! The table of images: newest first, in pages. The newest page renews itself.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Html,
};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    error_page::PageError,
    store::{ImageRow, Position, Store},
    words,
};

const PAGE_SIZE: usize = 50;
const TIME: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// The page's address: `/`, `/?before=ID` or `/?after=ID`.
#[derive(Debug, Deserialize)]
pub(crate) struct Address {
    before: Option<u64>,
    after: Option<u64>,
}

#[derive(Template)]
#[template(path = "table.html")]
struct TablePage {
    rows: Vec<Row>,
    /// Whether this is the page without a position in its address.
    is_newest: bool,
    newer_than: Option<u64>,
    older_than: Option<u64>,
}

struct Row {
    id: u64,
    path: String,
    person: Option<String>,
    others: Vec<String>,
    status: &'static str,
    words: Option<String>,
    time: String,
}

pub(crate) async fn handle(
    State(store): State<Store>,
    address: Result<Query<Address>, QueryRejection>,
) -> Result<Html<String>, PageError> {
    let Query(address) = address.map_err(|_| PageError::BadAddress)?;
    let position = match address {
        Address { before: None, after: None } => Position::Newest,
        Address { before: Some(id), after: None } => Position::Before(id),
        Address { before: None, after: Some(id) } => Position::After(id),
        Address { before: Some(_), after: Some(_) } => return Err(PageError::BadAddress),
    };
    let images = store.images(position, PAGE_SIZE).await?;
    let mut people = store.people_in(&images.rows).await?;
    let page = TablePage {
        is_newest: position == Position::Newest,
        newer_than: images.rows.first().map(|row| row.id).filter(|_| images.has_newer),
        older_than: images.rows.last().map(|row| row.id).filter(|_| images.has_older),
        rows: images.rows.into_iter().map(|row| Row::new(row, &mut people)).collect(),
    };
    page.render().map(Html).map_err(PageError::Rendering)
}

impl Row {
    fn new(image: ImageRow, people: &mut HashMap<u64, Vec<String>>) -> Self {
        let mut others = people.remove(&image.id).unwrap_or_default();
        others.retain(|name| Some(name) != image.person.as_ref());
        Self {
            id: image.id,
            path: image.path,
            others,
            status: image.status.name(),
            words: words::about(image.status, image.reason, image.error_detail),
            person: image.person,
            time: format_time(image.created_at),
        }
    }
}

fn format_time(time: OffsetDateTime) -> String {
    time.format(TIME).expect("the format has only fields that every time has")
}
