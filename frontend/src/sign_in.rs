//! Signing in: the token that the API wants, and the name that is written beside each change. Both stay in the browser.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use crate::{
    answer::Answer,
    api::{ApiError, Caller},
    cookies::{self, Keeps},
    error_page::PageError,
    site::Site,
    site_address,
    visitor::{ACTOR, Frame, TOKEN, Visitor},
};

const MOST_CHARACTERS: usize = 64;
/// A name is no secret: it is kept for a year. The token goes when the browser is closed.
const YEAR_S: u32 = 365 * 24 * 60 * 60;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    next: String,
    name: String,
    /// What is wrong with what was sent.
    fault: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Coming {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct SignIn {
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn page(frame: Frame, Query(coming): Query<Coming>) -> Result<Html<String>, PageError> {
    let name = frame.visitor.actor.clone().unwrap_or_default();
    let next = site_address::within(&coming.next).to_owned();
    SignInPage { frame, next, name, fault: None }.render().map(Html).map_err(PageError::Rendering)
}

pub(crate) async fn sign_in(
    State(site): State<Site>,
    frame: Frame,
    headers: HeaderMap,
    Form(sent): Form<SignIn>,
) -> Response {
    let next = site_address::within(&sent.next).to_owned();
    let (token, name) = (sent.token.trim(), sent.name.trim());
    // A token that is left empty stays: somebody gives another name.
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let visitor = Visitor { token: said(token).or_else(|| frame.visitor.token.clone()), actor: said(name) };
    let fault = match fault_of(&visitor) {
        Some(fault) => Some(fault.to_owned()),
        None => match Caller::new(site.api.clone(), visitor.clone()).may_change().await {
            Ok(()) => None,
            Err(ApiError::SignIn(_)) if visitor.token.is_some() => {
                Some("This token is not right.".to_owned())
            }
            // Also that no token would help.
            Err(error) => Some(error.sentence().to_owned()),
        },
    };
    if let Some(fault) = fault {
        let page = SignInPage { frame, next, name: name.to_owned(), fault: Some(fault) };
        let rendered = page.render().map(Html).map_err(PageError::Rendering);
        return (StatusCode::UNPROCESSABLE_ENTITY, rendered).into_response();
    }
    let is_secure = cookies::is_secure(&headers);
    let mut response = Answer::quiet(next).into_response();
    for (cookie, value, keeps) in
        [(TOKEN, visitor.token, Keeps::Session), (ACTOR, visitor.actor, Keeps::Seconds(YEAR_S))]
    {
        let keeps = if value.is_some() { keeps } else { Keeps::Nothing };
        let cookie = cookies::set(cookie, &value.unwrap_or_default(), keeps, is_secure);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

pub(crate) async fn sign_out() -> Response {
    let mut response = Answer::done("/", "You are signed out.").into_response();
    for cookie in [TOKEN, ACTOR] {
        response.headers_mut().append(header::SET_COOKIE, cookies::forget(cookie));
    }
    response
}

/// What no header could carry, or the API would refuse.
fn fault_of(Visitor { token, actor }: &Visitor) -> Option<&'static str> {
    let is_seen = |text: &str| !text.chars().any(char::is_control);
    if token.as_deref().is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Some("A token has only letters, digits and signs of ASCII, and no spaces.");
    }
    if actor.as_deref().is_some_and(|name| name.chars().count() > MOST_CHARACTERS || !is_seen(name)) {
        return Some("Your name has at most 64 characters, all of which can be seen.");
    }
    None
}
