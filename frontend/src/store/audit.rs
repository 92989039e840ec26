//! Who or what changed a person, a face or a rule.

use sqlx::{FromRow, MySql, QueryBuilder, types::Json};
use time::OffsetDateTime;

use super::{Store, StoreError};

/// One change.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct AuditRow {
    pub(crate) id: u64,
    pub(crate) at: OffsetDateTime,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) person_id: Option<u64>,
    /// What the person is called by now; none of somebody who was deleted.
    pub(crate) person: Option<String>,
    pub(crate) image_id: Option<u64>,
    /// Whether the image is still there.
    pub(crate) has_image: bool,
    pub(crate) detail: Json<serde_json::Value>,
}

/// Whose changes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuditOf {
    All,
    Person(u64),
    Image(u64),
}

impl Store {
    /// At most `limit` changes, the newest first, from before one on.
    pub(crate) async fn audit(
        &self,
        of: AuditOf,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut query = QueryBuilder::<MySql>::new(
            "SELECT entries.id, at, actor, action, person_id, person.name AS person, image_id,
                    images.id IS NOT NULL AS has_image, detail
             FROM (SELECT id, at, actor, action, person_id, image_id, detail FROM audit_entries WHERE TRUE",
        );
        match of {
            AuditOf::All => {}
            AuditOf::Person(person) => {
                query.push(" AND person_id = ").push_bind(person);
            }
            AuditOf::Image(image) => {
                query.push(" AND image_id = ").push_bind(image);
            }
        }
        if let Some(before) = before {
            query.push(" AND id < ").push_bind(before);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(u64::try_from(limit).unwrap_or(u64::MAX));
        query.push(
            ") AS entries LEFT JOIN person ON person.id = entries.person_id
                          LEFT JOIN images ON images.id = entries.image_id
             ORDER BY entries.id DESC",
        );
        Ok(query.build_query_as().fetch_all(&self.pool).await?)
    }
}
