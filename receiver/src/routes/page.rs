//! What the routes that list something have in common: their queries, and pages with opaque cursors.
//!
//! A cursor holds where the next page begins, in a form of its own for each list. Clients hand it back as it is.

use std::ops::RangeInclusive;

use axum::{
    extract::{FromRequestParts, Query},
    http::{StatusCode, request::Parts},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::problem::{Fault, Problem};

const USUAL_LIMIT: u32 = 50;
const LIMITS: RangeInclusive<u32> = 1..=500;

/// The query of a route; one that is of another shape is told as a problem.
pub(super) struct ApiQuery<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(wrong_query(rejection.body_text(), None)),
        }
    }
}

/// What is wrong with a query, and with which word of it.
pub(super) fn wrong_query(detail: String, field: Option<&str>) -> Problem {
    let fault = Fault { code: "wrong_query", detail, field: field.map(str::to_owned) };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault)
}

/// How long a page is to be at most.
pub(super) fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    let limit = asked.unwrap_or(USUAL_LIMIT);
    if LIMITS.contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("limit is {limit}: give {} to {}", LIMITS.start(), LIMITS.end());
    Err(wrong_query(detail, Some("limit")))
}

/// The cursor of the page that begins there.
pub(super) fn cursor(place: &impl Serialize) -> String {
    hex::encode(serde_json::to_vec(place).expect("a place is numbers"))
}

/// Where the page begins that a client asks for; at the beginning of the list without a cursor.
pub(super) fn place<T: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let read = |cursor| serde_json::from_slice(&hex::decode(cursor).ok()?).ok();
    cursor.map(|cursor| read(cursor).ok_or_else(wrong_cursor)).transpose()
}

fn wrong_cursor() -> Problem {
    let detail =
        "this cursor is none that this list gave: send its \"next\" as it is, or no cursor to begin anew";
    let fault = Fault { code: "wrong_cursor", detail: detail.to_owned(), field: Some("cursor".to_owned()) };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Below {
        below: u64,
    }

    #[test]
    fn a_cursor_leads_back_to_its_place_and_what_is_none_is_refused() {
        let here = Below { below: u64::MAX };
        assert_eq!(place(Some(&cursor(&here))).ok(), Some(Some(here)));
        assert_eq!(place::<Below>(None).ok(), Some(None));

        let other = cursor(&[1, 2]);
        for wrong in ["", "x", "7b7d", "ff", other.as_str()] {
            assert!(place::<Below>(Some(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_page_has_one_to_five_hundred_entries() {
        let table = [
            (None, Some(50)),
            (Some(1), Some(1)),
            (Some(500), Some(500)),
            (Some(0), None),
            (Some(501), None),
        ];
        for (asked, allowed) in table {
            assert_eq!(limit(asked).ok(), allowed, "{asked:?}");
        }
    }
}
