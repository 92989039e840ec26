//! What a person reads when something is wrong. The cause is logged here and not shown.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::store::StoreError;

/// Why a page cannot be shown.
#[derive(Debug)]
pub(crate) enum PageError {
    NoSuchPage,
    BadAddress,
    DatabaseAway,
    Rendering(askama::Error),
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    title: &'static str,
    advice: &'static str,
}

impl PageError {
    fn words(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoSuchPage => {
                (StatusCode::NOT_FOUND, "There is no such page", "Begin at the table of pictures.")
            }
            Self::BadAddress => (
                StatusCode::BAD_REQUEST,
                "This address is not right",
                "\"before\" and \"after\" take the number of a picture. Begin at the table of pictures.",
            ),
            Self::DatabaseAway => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The database does not answer",
                "Nothing is lost. Reload the page in a few seconds.",
            ),
            Self::Rendering(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The page could not be made",
                "The log of the frontend says why.",
            ),
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database could not be read");
        Self::DatabaseAway
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::Rendering(error) = &self {
            tracing::error!(%error, "a page could not be rendered");
        }
        let (status, title, advice) = self.words();
        let page = ErrorPage { title, advice }.render().unwrap_or_else(|_| format!("{title}. {advice}"));
        (status, Html(page)).into_response()
    }
}
