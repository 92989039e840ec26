//! The header `rollcall-actor`: what whoever asks for a change calls themselves. It goes into the audit trail and proves
//! nothing: who may change something is decided by `authority`.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
};
use service_kit::bearer::Access;

use crate::{
    app::AppState,
    problem::{Fault, Problem},
};

/// The header's name.
pub(crate) const HEADER: &str = "rollcall-actor";
/// Width of the column that holds one.
const MAX_CHARACTERS: usize = 64;

/// Who asks for a change: 1 to 64 printable characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor(String);

impl Actor {
    /// As the header says; without it, what let the request in.
    fn of(headers: &HeaderMap, access: &Access) -> Result<Self, Problem> {
        let mut values = headers.get_all(HEADER).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(Self::unnamed(access)),
            (Some(value), None) => {
                str::from_utf8(value.as_bytes()).ok().and_then(Self::parse).ok_or_else(wrong)
            }
            (Some(_), Some(_)) => Err(wrong()),
        }
    }

    /// Somebody who gave no name.
    fn unnamed(access: &Access) -> Self {
        match access {
            Access::Token(_) => Self("token".to_owned()),
            Access::Local | Access::Closed => Self("local".to_owned()),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let name = text.trim();
        let is_name =
            (1..=MAX_CHARACTERS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        is_name.then(|| Self(name.to_owned()))
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// For tests of what takes one.
    #[cfg(test)]
    pub(crate) fn named(name: &str) -> Self {
        Self::parse(name).expect("a name")
    }
}

impl FromRequestParts<AppState> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Self::of(&parts.headers, &state.access)
    }
}

fn wrong() -> Problem {
    let fault = Fault {
        code: "wrong_actor",
        detail: format!(
            "the header {HEADER} is a name of 1 to {MAX_CHARACTERS} printable characters: send one, or none"
        ),
        field: Some(HEADER.to_owned()),
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        values
            .iter()
            .map(|value| (HEADER.parse().expect("a name"), HeaderValue::from_bytes(value).expect("a value")))
            .collect()
    }

    #[test]
    fn a_name_is_taken_as_it_is_and_one_that_is_none_is_refused() {
        let longest = "ä".repeat(MAX_CHARACTERS);
        let too_long = "x".repeat(MAX_CHARACTERS + 1);
        let table: [(&[&[u8]], Option<&str>); 8] = [
            (&[], Some("local")),
            (&[b" Ann Lee "], Some("Ann Lee")),
            (&["Zoë".as_bytes()], Some("Zoë")),
            (&[longest.as_bytes()], Some(&longest)),
            (&[b""], None),
            (&[too_long.as_bytes()], None),
            (&[b"a\tb"], None),
            (&[b"Ann", b"Bob"], None),
        ];
        for (values, name) in table {
            let actor = Actor::of(&headers(values), &Access::Local).ok();
            assert_eq!(actor.as_ref().map(Actor::as_str), name, "{values:?}");
        }
        assert!(Actor::of(&headers(&[b"\xff"]), &Access::Local).is_err(), "no UTF-8");
    }
}
