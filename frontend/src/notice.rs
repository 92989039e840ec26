//! What became of a form is told on the page that the browser is sent to, once: a cookie carries it there. An address would
//! carry it too, but then anybody could make a link that has the page say anything.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::{
    cookies::{self, Keeps},
    draft,
};

const COOKIE: &str = "rollcall_notice";
/// Longer than a browser takes to go to the next page.
const KEPT_S: u32 = 60;
/// A browser keeps no cookie above 4 KiB. So long a text may become when it is encoded.
const MOST_BYTES: usize = 3600;

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    Done(String),
    Refused(String),
}

impl Notice {
    /// The class of the style sheet.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Refused(_) => "refused",
        }
    }

    /// A sentence.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Done(text) | Self::Refused(text) => text,
        }
    }

    /// Whether it interrupts who hears the page read out.
    pub(crate) const fn role(&self) -> &'static str {
        match self {
            Self::Done(_) => "status",
            Self::Refused(_) => "alert",
        }
    }

    /// What a browser brings with it.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = cookies::read(headers, COOKIE)?;
        let (kind, text) = value.split_once(' ')?;
        match kind {
            "done" => Some(Self::Done(text.to_owned())),
            "refused" => Some(Self::Refused(text.to_owned())),
            _ => None,
        }
    }

    /// The cookie that carries it.
    pub(crate) fn cookie(&self) -> HeaderValue {
        // One byte becomes three at most.
        let encoded =
            |character: &char| if character.is_ascii_alphanumeric() { 1 } else { 3 * character.len_utf8() };
        let mut length = 0;
        let fitting = self.text().chars().take_while(|character| {
            length += encoded(character);
            length <= MOST_BYTES
        });
        let text: String = fitting.collect();
        cookies::set(COOKIE, &format!("{} {text}", self.kind()), Keeps::Seconds(KEPT_S), false)
    }
}

/// Marks an answer that does not tell what became of a form: the next page does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untold;

/// Has the browser forget what a page told, and what it filled in; for `axum::middleware::from_fn`.
pub(crate) async fn told_once(request: Request, next: Next) -> Response {
    let brought = brought(&request);
    let mut response = next.run(request).await;
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_page = content_type.is_some_and(|name| name.starts_with("text/html"));
    if is_page && response.extensions().get::<Untold>().is_none() {
        for cookie in brought {
            response.headers_mut().append(header::SET_COOKIE, cookies::forget(cookie));
        }
    }
    response
}

/// The cookies that the page answers.
fn brought(request: &Request) -> Vec<&'static str> {
    // Who signs in goes on to the page with the form.
    let fills_in = request.uri().path() != "/sign-in";
    let answered = [Some(COOKIE), fills_in.then_some(draft::COOKIE)].into_iter().flatten();
    answered.filter(|cookie| cookies::read(request.headers(), cookie).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_arrives_as_it_was_sent_and_no_longer_than_a_cookie_may_be() {
        for notice in [Notice::Done("<b>; ünd\n".to_owned()), Notice::Refused("\u{1F600}".repeat(999))] {
            let cookie = notice.cookie();
            assert!(cookie.len() < 4096, "{}", cookie.len());
            let arrived = Notice::of(&[(header::COOKIE, cookie)].into_iter().collect()).expect("it arrives");
            assert_eq!(arrived.kind(), notice.kind());
            assert!(notice.text().starts_with(arrived.text()) && !arrived.text().is_empty());
        }
    }

    #[test]
    fn what_is_no_notice_is_told_to_nobody() {
        for value in ["done", "shouted+x", "", "+done"] {
            let cookie = format!("{COOKIE}={value}").parse().expect("a header");
            assert_eq!(Notice::of(&[(header::COOKIE, cookie)].into_iter().collect()), None, "{value}");
        }
    }
}
