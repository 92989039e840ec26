//! What a table page shows, and the address that says so: `/?status=unresolved&reason=no_face&before=500`. Pure.

use migrations::{ImageStatus, UnresolvedReason};
use serde::Deserialize;
use thiserror::Error;

/// Which images are in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    All,
    Status(ImageStatus),
    /// Unresolved for this reason: images of no other status have one.
    Reason(UnresolvedReason),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) filter: Filter,
    pub(crate) position: Position,
}

/// The query of an address as it was sent.
#[derive(Debug, Deserialize)]
pub(crate) struct Address {
    status: Option<String>,
    reason: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

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
    #[error("\"status\", \"reason\", \"before\" and \"after\" may each stand in it once.")]
    Unreadable,
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

impl TryFrom<Address> for View {
    type Error = AddressError;

    fn try_from(address: Address) -> Result<Self, AddressError> {
        let filter = filter(address.status.as_deref(), address.reason.as_deref())?;
        let position = match (address.before, address.after) {
            (None, None) => Position::Newest,
            (Some(before), None) => Position::Before(id(&before)?),
            (None, Some(after)) => Position::After(id(&after)?),
            (Some(_), Some(_)) => return Err(AddressError::BeforeAndAfter),
        };
        Ok(Self { filter, position })
    }
}

fn filter(status: Option<&str>, reason: Option<&str>) -> Result<Filter, AddressError> {
    let status = status.map(|name| {
        let found = ImageStatus::ALL.into_iter().find(|status| status.name() == name);
        found.ok_or(AddressError::UnknownStatus)
    });
    let reason = reason.map(|name| {
        let found = UnresolvedReason::ALL.iter().find(|reason| reason.name() == name);
        found.ok_or(AddressError::UnknownReason)
    });
    match (status.transpose()?, reason.transpose()?) {
        (None, None) => Ok(Filter::All),
        (Some(status), None) => Ok(Filter::Status(status)),
        (None | Some(ImageStatus::Unresolved), Some(reason)) => Ok(Filter::Reason(*reason)),
        (Some(_), Some(_)) => Err(AddressError::ReasonOfAnotherStatus),
    }
}

fn id(text: &str) -> Result<u64, AddressError> {
    text.parse().map_err(|_| AddressError::NoId)
}

impl View {
    /// The page of a filter that one begins with.
    pub(crate) const fn newest(filter: Filter) -> Self {
        Self { filter, position: Position::Newest }
    }

    /// The address of this page, without the host.
    pub(crate) fn address(self) -> String {
        let filter = match self.filter {
            Filter::All => None,
            Filter::Status(status) => Some(format!("status={}", status.name())),
            Filter::Reason(reason) => {
                Some(format!("status={}&reason={}", ImageStatus::Unresolved.name(), reason.name()))
            }
        };
        let position = match self.position {
            Position::Newest => None,
            Position::Before(id) => Some(format!("before={id}")),
            Position::After(id) => Some(format!("after={id}")),
        };
        match filter.into_iter().chain(position).collect::<Vec<_>>().join("&") {
            query if query.is_empty() => "/".to_owned(),
            query => format!("/?{query}"),
        }
    }
}

#[cfg(test)]
mod tests;
