//! Who asks: the token and the name that a browser keeps in cookies once somebody has signed in.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, request::Parts},
};

use crate::{cookies, draft::Draft, notice::Notice, site_address};

/// The cookie of the token that the API wants.
pub(crate) const TOKEN: &str = "rollcall_token";
/// The cookie of the name that is written beside each change.
pub(crate) const ACTOR: &str = "rollcall_actor";

/// Somebody in front of a browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Visitor {
    pub(crate) token: Option<String>,
    pub(crate) actor: Option<String>,
}

impl Visitor {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { token: cookies::read(headers, TOKEN), actor: cookies::read(headers, ACTOR) }
    }
}

/// What every page shows around its own part.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) visitor: Visitor,
    pub(crate) notice: Option<Notice>,
    pub(crate) draft: Option<Draft>,
    /// Where the link to the sign-in page leads.
    pub(crate) sign_in: String,
}

/// Of nobody: for a page that says what is wrong.
impl Default for Frame {
    fn default() -> Self {
        let sign_in = site_address::sign_in("/");
        Self { visitor: Visitor::default(), notice: None, draft: None, sign_in }
    }
}

impl Frame {
    /// The words of that link.
    pub(crate) fn who(&self) -> &str {
        match &self.visitor {
            Visitor { actor: Some(name), .. } => name,
            Visitor { token: Some(_), actor: None } => "Signed in",
            Visitor { token: None, actor: None } => "Sign in",
        }
    }

    /// What was typed into a field of a form that was refused.
    pub(crate) fn typed(&self, field: &str) -> Option<&str> {
        self.draft.as_ref()?.text_of(field)
    }

    /// The same around the answer to a form, which is found again at this address.
    #[must_use]
    pub(crate) fn found_at(self, address: &str) -> Self {
        Self { sign_in: site_address::sign_in(address), ..self }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Who signs in is led to a page, and the address of a form is none.
        let is_page = matches!(parts.method, Method::GET | Method::HEAD);
        let here = parts.uri.path_and_query().filter(|_| is_page).map_or("/", |address| address.as_str());
        Ok(Self {
            visitor: Visitor::of(&parts.headers),
            notice: Notice::of(&parts.headers),
            draft: Draft::of(&parts.headers),
            sign_in: site_address::sign_in(here),
        })
    }
}
