//! Somebody, as answers name them.

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

/// Somebody by id and name.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize, ToSchema)]
pub(crate) struct PersonRef {
    pub(crate) id: u64,
    pub(crate) name: String,
}

impl PersonRef {
    /// From columns that hold both or neither.
    pub(crate) fn new(id: Option<u64>, name: Option<String>) -> Option<Self> {
        id.zip(name).map(|(id, name)| Self { id, name })
    }
}
