//! `GET /api/v1/export/...`: people and results as CSV or JSON Lines, sent while they are read, a page at a time. Nobody who
//! reads slowly makes anything wait but themselves: the next page is asked for when the last one is sent.

mod people;
mod results;

use std::marker::PhantomData;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Serialize;

use crate::{
    app::AppState,
    csv,
    store::{Store, StoreError},
};
use people::People;
use results::Results;

/// The next entries and the highest of their ids; none at the end.
type Page<R> = Option<(Vec<R>, u64)>;

/// What is exported.
trait Export: Send + 'static {
    /// One entry.
    type Row: Serialize + Send;
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];
    /// What comes above an id.
    fn page(store: &Store, after: u64) -> impl Future<Output = Result<Page<Self::Row>, StoreError>> + Send;
    /// What stands in the columns.
    fn fields(row: Self::Row) -> Vec<String>;
}

/// How it is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Csv,
    JsonLines,
}

/// How far an export has come.
struct Progress<E> {
    store: Store,
    form: Form,
    /// The last id that was sent; none before the beginning.
    after: Option<u64>,
    what: PhantomData<E>,
}

/// Everybody, as CSV.
///
/// `id`, `name`, `photos` (known photos), `images` (in which they were identified). A text that a spreadsheet would take for
/// a formula has a `'` before it.
#[utoipa::path(
    get,
    path = "/api/v1/export/people.csv",
    operation_id = "export_people_csv",
    tag = "export",
    responses((status = 200, body = String, content_type = "text/csv")),
)]
pub(super) async fn people_csv(State(state): State<AppState>) -> Response {
    export::<People>(state.store, Form::Csv, "people.csv")
}

/// Everybody, as JSON Lines.
#[utoipa::path(
    get,
    path = "/api/v1/export/people.jsonl",
    operation_id = "export_people_jsonl",
    tag = "export",
    responses((status = 200, body = people::ExportedPerson, content_type = "application/jsonl")),
)]
pub(super) async fn people_json_lines(State(state): State<AppState>) -> Response {
    export::<People>(state.store, Form::JsonLines, "people.jsonl")
}

/// Every image and what came of it, as CSV.
///
/// `id`, `path`, `status`, `reason`, `person` (the best identified face), `people` (all identified, with `; ` between them),
/// `faces` (how many), `error_code`, `error_detail`, `created_at`, `updated_at`. A text that a spreadsheet would take for a
/// formula has a `'` before it.
#[utoipa::path(
    get,
    path = "/api/v1/export/results.csv",
    operation_id = "export_results_csv",
    tag = "export",
    responses((status = 200, body = String, content_type = "text/csv")),
)]
pub(super) async fn results_csv(State(state): State<AppState>) -> Response {
    export::<Results>(state.store, Form::Csv, "results.csv")
}

/// Every image and what came of it, as JSON Lines.
#[utoipa::path(
    get,
    path = "/api/v1/export/results.jsonl",
    operation_id = "export_results_jsonl",
    tag = "export",
    responses((status = 200, body = results::ExportedResult, content_type = "application/jsonl")),
)]
pub(super) async fn results_json_lines(State(state): State<AppState>) -> Response {
    export::<Results>(state.store, Form::JsonLines, "results.jsonl")
}

fn export<E: Export>(store: Store, form: Form, name: &'static str) -> Response {
    let begin = Progress::<E> { store, form, after: None, what: PhantomData };
    let pieces = stream::try_unfold(Some(begin), async |progress| match progress {
        Some(progress) => progress.next().await,
        None => Ok(None),
    });
    let headers = [
        (header::CONTENT_TYPE, form.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

/// A piece that is sent, and how far the export is then; `None` behind the last piece.
type Piece<E> = Option<(Bytes, Option<Progress<E>>)>;

impl<E: Export> Progress<E> {
    async fn next(self) -> Result<Piece<E>, StoreError> {
        let page = E::page(&self.store, self.after.unwrap_or(0)).await;
        // The head was sent long ago: that the answer breaks off is all that can be told.
        let page = page.inspect_err(|error| tracing::error!(%error, "an export breaks off"))?;
        let mut text = if self.after.is_none() { self.form.head(E::COLUMNS) } else { String::new() };
        let Some((rows, last)) = page else { return Ok(Some((text.into(), None))) };
        for row in rows {
            self.form.push::<E>(&mut text, row);
        }
        Ok(Some((text.into(), Some(Self { after: Some(last), ..self }))))
    }
}

impl Form {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    fn head(self, columns: &[&str]) -> String {
        let mut head = String::new();
        if matches!(self, Self::Csv) {
            csv::push_line(&mut head, columns.iter().copied());
        }
        head
    }

    fn push<E: Export>(self, text: &mut String, row: E::Row) {
        match self {
            Self::Csv => csv::push_line(text, E::fields(row).iter().map(String::as_str)),
            Self::JsonLines => {
                text.push_str(&serde_json::to_string(&row).expect("a row is plain JSON"));
                text.push('\n');
            }
        }
    }
}
