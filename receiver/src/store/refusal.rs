//! Why a change was not made: because of what was asked, or because the database could not.

use service_kit::database::DatabaseFault;
use thiserror::Error;

use super::StoreError;
use crate::person_ref::PersonRef;

/// A change was not made.
#[derive(Debug, Error)]
pub(crate) enum ChangeError {
    /// What was asked cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why what was asked cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("there is no person {0}")]
    UnknownPerson(u64),
    #[error("person {id} was merged into person {}, who is called {:?}: name that one", .root.id, .root.name)]
    MergedPerson { id: u64, root: PersonRef },
    #[error("person {} is called {:?} already: choose another name, or merge them", .0.id, .0.name)]
    NameTaken(PersonRef),
    #[error("person {0} cannot be merged into themselves: name another one")]
    SamePerson(u64),
    #[error("there is no merge {0}")]
    UnknownMerge(u64),
    #[error("merge {0} is undone already")]
    MergeUndone(u64),
    #[error("there is no face {0}; perhaps its picture was looked at again")]
    UnknownFace(u64),
    #[error("no unknown face is in group {0}; perhaps they are named by now")]
    UnknownGroup(u64),
    #[error("there is no known photo {0:?}")]
    UnknownPhoto(String),
}

impl From<sqlx::Error> for ChangeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What may have failed because somebody else was quicker.
pub(super) trait Repeatable {
    /// Whether the same transaction, done again, sees what the other one did.
    fn lost_race(&self) -> bool;
}

impl Repeatable for StoreError {
    fn lost_race(&self) -> bool {
        self.fault() == DatabaseFault::LostRace
    }
}

impl Repeatable for ChangeError {
    fn lost_race(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Store(error) => error.lost_race(),
        }
    }
}
