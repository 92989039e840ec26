//! What somebody typed into a form that was refused: the page that they are sent back to has it in the field again. A cookie
//! carries it there, as it does what is told (`notice`), also past the sign-in page.

use axum::http::{HeaderMap, HeaderValue};

use crate::cookies::{self, Keeps};

pub(crate) const COOKIE: &str = "rollcall_draft";
/// Long enough to look for a token.
const KEPT_S: u32 = 600;
/// A browser keeps no cookie that is longer.
const MOST_BYTES: usize = 4096;

/// The text of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    field: String,
    text: String,
}

impl Draft {
    /// What a browser brings with it.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = cookies::read(headers, COOKIE)?;
        let (field, text) = value.split_once(' ')?;
        Some(Self { field: field.to_owned(), text: text.to_owned() })
    }

    /// The text, if it is of this field.
    pub(crate) fn text_of(&self, field: &str) -> Option<&str> {
        (self.field == field).then_some(&self.text)
    }

    /// The cookie that carries it; none where it is too long for one.
    pub(crate) fn cookie(field: &str, text: &str) -> Option<HeaderValue> {
        let cookie = cookies::set(COOKIE, &format!("{field} {text}"), Keeps::Seconds(KEPT_S), false);
        Some(cookie).filter(|cookie| cookie.len() <= MOST_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn what_was_typed_arrives_in_its_field_alone() {
        // As long as a name may be.
        for text in ["<b>; \"ünd\" \n x", "", &"\u{1F600}".repeat(255)] {
            let cookie = Draft::cookie("face-7", text).expect("it is short enough");
            let draft = Draft::of(&[(header::COOKIE, cookie)].into_iter().collect()).expect("it arrives");
            assert_eq!((draft.text_of("face-7"), draft.text_of("face-8")), (Some(text), None));
        }
    }

    #[test]
    fn what_no_browser_would_keep_is_not_sent() {
        assert_eq!(Draft::cookie("paths", &"/".repeat(1400)), None);
    }
}
