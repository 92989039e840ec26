//! All SQL of the frontend. It only reads.
//!
//! | module | what |
//! |---|---|
//! | `images` | rows of images and their faces |
//! | `listing` | pages of images under a filter, each at a bounded cost |
//! | `counts` | how many images have which status |
//! | `changes` | what changed a moment ago |
//! | `details` | all that is known of one image |
//! | `verdicts` | what people said of its faces |
//! | `people` | people, by name |
//! | `photos` | their known photos |
//! | `merges` | who turned out to be somebody |
//! | `groups` | unknown faces that look alike |
//! | `audit` | who changed what |
//! | `sources` | where the pixels of a picture or a face are |
//! | `statistics` | the results of the last hour |

mod audit;
mod changes;
mod counts;
mod details;
mod groups;
mod images;
mod listing;
mod merges;
mod people;
mod photos;
mod queue;
mod sources;
mod statistics;
mod verdicts;

use service_kit::database::DatabaseFault;
use sqlx::MySqlPool;
use thiserror::Error;

pub(crate) use audit::{AuditOf, AuditRow};
pub(crate) use changes::Change;
pub(crate) use counts::{Count, Counts};
pub(crate) use details::{Details, FaceDetails};
pub(crate) use groups::{Group, GroupFace, GroupPlace, Groups, MOST_FACES as MOST_GROUPED};
pub(crate) use images::{FaceRow, ImageRow};
pub(crate) use listing::Images;
pub(crate) use merges::MergeRow;
pub(crate) use people::{Known, PersonRow};
pub(crate) use photos::PhotoRow;
pub(crate) use queue::Queue;
pub(crate) use sources::{FaceSource, PictureSource};
pub(crate) use statistics::Finished;
pub(crate) use verdicts::Verdict;

/// The database is away, refuses, or holds what it must not.
#[derive(Debug, Error)]
#[error(transparent)]
pub(crate) struct StoreError(#[from] sqlx::Error);

impl StoreError {
    /// What it means for whoever asked.
    pub(crate) fn fault(&self) -> DatabaseFault {
        DatabaseFault::of(&self.0)
    }
}

/// The frontend's access to the database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: MySqlPool,
}

impl Store {
    pub(crate) fn new(pool: MySqlPool) -> Self {
        Self { pool }
    }
}

#[cfg(test)]
mod tests;
