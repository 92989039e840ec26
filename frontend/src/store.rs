//! All SQL of the frontend. It only reads.
//!
//! | module | what |
//! |---|---|
//! | `images` | rows of images and their faces |
//! | `listing` | pages of images under a filter, each at a bounded cost |
//! | `counts` | how many images have which status |
//! | `changes` | what changed a moment ago |
//! | `details` | all that is known of one image |
//! | `sources` | where the pixels of a picture or a face are |
//! | `statistics` | the results of the last hour |

mod changes;
mod counts;
mod details;
mod images;
mod listing;
mod sources;
mod statistics;

use service_kit::database::DatabaseFault;
use sqlx::MySqlPool;
use thiserror::Error;

pub(crate) use changes::Change;
pub(crate) use counts::{Count, Counts};
pub(crate) use details::{Details, FaceDetails};
pub(crate) use images::{FaceRow, ImageRow};
pub(crate) use listing::Images;
pub(crate) use sources::{FaceSource, PictureSource};
pub(crate) use statistics::Finished;

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
