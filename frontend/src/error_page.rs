//! What a person reads when something is wrong. The cause is logged here and not shown.

use askama::Template;
use axum::{
    Extension,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::{notice::Untold, store::StoreError, upload, view::AddressError, visitor::Frame};

/// Why a page cannot be shown.
#[derive(Debug)]
pub(crate) enum PageError {
    NoSuchPage,
    BadAddress(AddressError),
    /// The address has words that nobody understands; the sentence says which ones would be right.
    WrongWords(&'static str),
    /// A page of another site sent a form.
    OfAnotherSite,
    /// A form that should bring files brings none, or too much.
    NoFiles,
    DatabaseAway,
    /// A change took too long.
    TooSlow,
    DatabaseRefuses,
    Rendering(askama::Error),
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: &'static str,
    advice: String,
    /// Whether the page is loaded again by itself, because it may be right soon.
    renews: bool,
}

impl PageError {
    fn page(&self) -> (StatusCode, ErrorPage) {
        let (status, title, advice) = match self {
            Self::NoSuchPage => {
                (StatusCode::NOT_FOUND, "There is no such page", "Begin at the table of pictures.".to_owned())
            }
            Self::BadAddress(error) => {
                (StatusCode::BAD_REQUEST, "This address is not right", error.to_string())
            }
            Self::WrongWords(advice) => {
                (StatusCode::BAD_REQUEST, "This address is not right", (*advice).to_owned())
            }
            Self::OfAnotherSite => (
                StatusCode::FORBIDDEN,
                "A page of another site sent this",
                "Nothing was changed. If it was you, do it from a page of this site; a proxy in between must keep the Host.".to_owned(),
            ),
            Self::NoFiles => (
                StatusCode::BAD_REQUEST,
                "The files did not arrive",
                format!("Choose at most {} files of together at most {} MiB.", upload::MOST_FILES, upload::MOST_BYTES >> 20),
            ),
            Self::TooSlow => (
                StatusCode::SERVICE_UNAVAILABLE,
                "This took too long",
                "It is not sure that it was done. Look, and try again in a moment.".to_owned(),
            ),
            Self::DatabaseAway => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The database does not answer",
                "Nothing is lost. This page is loaded again by itself every few seconds.".to_owned(),
            ),
            Self::DatabaseRefuses => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The database refuses what this page needs",
                "The log of the frontend says why.".to_owned(),
            ),
            Self::Rendering(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The page could not be made",
                "The log of the frontend says why.".to_owned(),
            ),
        };
        (
            status,
            ErrorPage { frame: Frame::default(), title, advice, renews: matches!(self, Self::DatabaseAway) },
        )
    }
}

impl From<AddressError> for PageError {
    fn from(error: AddressError) -> Self {
        Self::BadAddress(error)
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database could not be read");
        if error.fault().is_transient() { Self::DatabaseAway } else { Self::DatabaseRefuses }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::Rendering(error) = &self {
            tracing::error!(%error, "a page could not be rendered");
        }
        let (status, page) = self.page();
        let text = page.render().unwrap_or_else(|_| format!("{}. {}", page.title, page.advice));
        (status, Extension(Untold), Html(text)).into_response()
    }
}
