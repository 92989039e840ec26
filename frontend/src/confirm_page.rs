//! Asks before something is done that cannot be taken back, or that changes much: what will happen, and a button.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use crate::{error_page::PageError, visitor::Frame};

#[derive(Template)]
#[template(path = "confirm.html")]
pub(crate) struct ConfirmPage {
    pub(crate) frame: Frame,
    pub(crate) question: String,
    /// What will happen.
    pub(crate) consequences: Vec<String>,
    /// A picture of what it is about.
    pub(crate) picture: Option<String>,
    /// Where the form is sent, and what with it.
    pub(crate) action: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) button: String,
    /// Whether something is lost by it.
    pub(crate) is_destructive: bool,
    /// The page that asked.
    pub(crate) back: String,
}

impl IntoResponse for ConfirmPage {
    fn into_response(self) -> Response {
        self.render().map(Html).map_err(PageError::Rendering).into_response()
    }
}
