//! Who turned out to be somebody.

use sqlx::FromRow;
use time::OffsetDateTime;

use super::{Store, StoreError};

/// A merge that can be undone.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct MergeRow {
    pub(crate) id: u64,
    /// Who is no person of their own any more.
    pub(crate) name: String,
    /// Into whom, which may be somebody who was merged themselves later.
    pub(crate) into_name: String,
    pub(crate) created_at: OffsetDateTime,
}

impl Store {
    /// The last `limit` merges into somebody or into who became them, the newest first.
    pub(crate) async fn merges(&self, person: u64, limit: u32) -> Result<Vec<MergeRow>, StoreError> {
        let query = sqlx::query_as(
            "SELECT merges.id, gone.name AS name, receiver.name AS into_name, merges.created_at AS created_at
             FROM (SELECT id, from_person, into_person, created_at FROM person_merges
                   WHERE into_person = ? AND undone_at IS NULL
                   UNION ALL
                   SELECT person_merges.id, from_person, into_person, person_merges.created_at
                   FROM person JOIN person_merges ON into_person = person.id
                   WHERE person.merged_into = ? AND undone_at IS NULL) AS merges
                  JOIN person AS gone ON gone.id = merges.from_person
                  JOIN person AS receiver ON receiver.id = merges.into_person
             ORDER BY merges.id DESC LIMIT ?",
        );
        Ok(query.bind(person).bind(person).bind(limit).fetch_all(&self.pool).await?)
    }
}
