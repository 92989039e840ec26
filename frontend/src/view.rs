//! What a table page shows, and the address that says so: `/?status=unresolved&reason=no_face&q=party&before=500`. Pure.

mod moment;
mod query_text;

use migrations::{ImageStatus, UnresolvedReason};
use serde::Deserialize;
use thiserror::Error;
use time::OffsetDateTime;

pub(crate) use moment::text as moment_text;

/// What came of the images that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Standing {
    #[default]
    All,
    Status(ImageStatus),
    /// Unresolved for this reason: images of no other status have one.
    Reason(UnresolvedReason),
}

/// Which images are in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Filter {
    pub(crate) standing: Standing,
    /// Part of the path or URL, in upper or lower case.
    pub(crate) text: Option<String>,
    /// The name of somebody who was identified in them.
    pub(crate) person: Option<String>,
    /// Not posted before.
    pub(crate) from: Option<OffsetDateTime>,
    /// Posted before.
    pub(crate) until: Option<OffsetDateTime>,
}

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

/// Longer texts are in no path.
const MOST_CHARACTERS: usize = 2048;

/// Why an address shows nothing, and what a right one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum AddressError {
    #[error("\"status\" is one of {}.", names(ImageStatus::ALL.iter().map(|status| status.name())))]
    UnknownStatus,
    #[error("\"reason\" is one of {}.", names(UnresolvedReason::ALL.iter().map(|reason| reason.name())))]
    UnknownReason,
    #[error("Only unresolved pictures have a reason: say \"status=unresolved\" beside it, or no status.")]
    ReasonOfAnotherStatus,
    #[error("\"before\" and \"after\" take the id of a picture, a whole number.")]
    NoId,
    #[error("\"before\" and \"after\" exclude each other.")]
    BeforeAndAfter,
    #[error("\"from\" and \"until\" take a time in UTC, like 2024-02-29 or 2024-02-29T23:59.")]
    NoTime,
    #[error("What is looked for is longer than {MOST_CHARACTERS} characters.")]
    TooLong,
    #[error("Each word of an address may stand in it once.")]
    Unreadable,
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

impl TryFrom<Address> for View {
    type Error = AddressError;

    fn try_from(address: Address) -> Result<Self, AddressError> {
        let filter = Filter {
            standing: standing(address.status.as_deref(), address.reason.as_deref())?,
            text: said(address.q.as_deref())?,
            person: said(address.person.as_deref())?,
            from: said(address.from.as_deref())?.map(|text| moment::parse(&text)).transpose()?,
            until: said(address.until.as_deref())?.map(|text| moment::parse(&text)).transpose()?,
        };
        let position = match (address.before, address.after) {
            (None, None) => Position::Newest,
            (Some(before), None) => Position::Before(id(&before)?),
            (None, Some(after)) => Position::After(id(&after)?),
            (Some(_), Some(_)) => return Err(AddressError::BeforeAndAfter),
        };
        Ok(Self { filter, position })
    }
}

fn said(text: Option<&str>) -> Result<Option<String>, AddressError> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) if text.chars().count() > MOST_CHARACTERS => Err(AddressError::TooLong),
        Some(text) => Ok(Some(text.to_owned())),
    }
}

fn standing(status: Option<&str>, reason: Option<&str>) -> Result<Standing, AddressError> {
    let status = status.map(|name| {
        let found = ImageStatus::ALL.into_iter().find(|status| status.name() == name);
        found.ok_or(AddressError::UnknownStatus)
    });
    let reason = reason.map(|name| {
        let found = UnresolvedReason::ALL.iter().find(|reason| reason.name() == name);
        found.ok_or(AddressError::UnknownReason)
    });
    match (status.transpose()?, reason.transpose()?) {
        (None, None) => Ok(Standing::All),
        (Some(status), None) => Ok(Standing::Status(status)),
        (None | Some(ImageStatus::Unresolved), Some(reason)) => Ok(Standing::Reason(*reason)),
        (Some(_), Some(_)) => Err(AddressError::ReasonOfAnotherStatus),
    }
}

fn id(text: &str) -> Result<u64, AddressError> {
    text.parse().map_err(|_| AddressError::NoId)
}

impl Standing {
    /// The words of an address that say it.
    pub(crate) fn words(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::All => Vec::new(),
            Self::Status(status) => vec![("status", status.name())],
            Self::Reason(reason) => {
                vec![("status", ImageStatus::Unresolved.name()), ("reason", reason.name())]
            }
        }
    }
}

impl Filter {
    /// All images.
    pub(crate) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The same, of another standing.
    pub(crate) fn with(&self, standing: Standing) -> Self {
        Self { standing, ..self.clone() }
    }

    fn words(&self) -> Vec<(&'static str, String)> {
        let mut words: Vec<_> =
            self.standing.words().into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        words.extend(self.text.clone().map(|text| ("q", text)));
        words.extend(self.person.clone().map(|name| ("person", name)));
        words.extend(self.from.map(|from| ("from", moment::text(from))));
        words.extend(self.until.map(|until| ("until", moment::text(until))));
        words
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
