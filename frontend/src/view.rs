//! What a table page shows, and the address that says so: `/?status=unresolved&reason=no_face&q=party&before=500`. Pure.

mod query_text;

use image_search::{FilterError, Way, Words};
use serde::Deserialize;
use thiserror::Error;

pub(crate) use image_search::{Filter, Standing, moment::text as moment_text};

/// Which of them a page shows. Positions are ids, so a page stays what it is while new images arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Newest,
    /// The ones just older than this id.
    Before(u64),
    /// The ones just newer than this id.
    After(u64),
}

/// One page of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) filter: Filter,
    pub(crate) position: Position,
}

/// The query of an address as it was sent. What a form leaves empty is not said.
#[derive(Debug, Deserialize)]
pub(crate) struct Address {
    status: Option<String>,
    reason: Option<String>,
    q: Option<String>,
    person: Option<String>,
    from: Option<String>,
    until: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// Why an address shows nothing, and what a right one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum AddressError {
    #[error(transparent)]
    Filter(#[from] FilterError),
    #[error("\"before\" and \"after\" take the id of a picture, a whole number.")]
    NoId,
    #[error("\"before\" and \"after\" exclude each other.")]
    BeforeAndAfter,
    #[error("Each word of an address may stand in it once.")]
    Unreadable,
}

impl TryFrom<Address> for View {
    type Error = AddressError;

    fn try_from(address: Address) -> Result<Self, AddressError> {
        let Address { status, reason, q, person, from, until, .. } = &address;
        let filter = Filter::try_from(Words {
            status: status.as_deref(),
            reason: reason.as_deref(),
            q: q.as_deref(),
            person: person.as_deref(),
            from: from.as_deref(),
            until: until.as_deref(),
        })?;
        let position = match (address.before, address.after) {
            (None, None) => Position::Newest,
            (Some(before), None) => Position::Before(id(&before)?),
            (None, Some(after)) => Position::After(id(&after)?),
            (Some(_), Some(_)) => return Err(AddressError::BeforeAndAfter),
        };
        Ok(Self { filter, position })
    }
}

fn id(text: &str) -> Result<u64, AddressError> {
    text.parse().map_err(|_| AddressError::NoId)
}

impl From<Position> for Way {
    fn from(position: Position) -> Self {
        match position {
            Position::Newest => Self::Older { below: None },
            Position::Before(id) => Self::Older { below: Some(id) },
            Position::After(id) => Self::Newer { above: id },
        }
    }
}

impl View {
    /// The page of a filter that one begins with.
    pub(crate) const fn newest(filter: Filter) -> Self {
        Self { filter, position: Position::Newest }
    }

    /// Another page of the same filter.
    pub(crate) fn at(&self, position: Position) -> Self {
        Self { filter: self.filter.clone(), position }
    }

    /// The address of this page, without the host.
    pub(crate) fn address(&self) -> String {
        let mut words = self.filter.words();
        match self.position {
            Position::Newest => {}
            Position::Before(id) => words.push(("before", id.to_string())),
            Position::After(id) => words.push(("after", id.to_string())),
        }
        query_text::address("/", &words)
    }
}

/// The table of the pictures of somebody.
pub(crate) fn address_of_person(name: &str) -> String {
    View::newest(Filter { person: Some(name.to_owned()), ..Filter::default() }).address()
}

#[cfg(test)]
mod tests;
