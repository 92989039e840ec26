//! Whose known photo it is: the statements on `person` and `person_images`.

use std::collections::{BTreeSet, HashMap};

use sqlx::QueryBuilder;

use super::{Store, StoreError, within};
use crate::decision::PersonId;

impl Store {
    /// Whose these known photos are; a photo without a row is not in the answer.
    pub(crate) async fn owners(
        &self,
        photos: &BTreeSet<&str>,
    ) -> Result<HashMap<String, PersonId>, StoreError> {
        if photos.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query =
            QueryBuilder::new("SELECT image_name, person_id FROM person_images WHERE image_name IN (");
        let mut list = query.separated(", ");
        for photo in photos {
            list.push_bind(*photo);
        }
        query.push(")");
        within(async {
            let rows: Vec<(String, u64)> = query.build_query_as().fetch_all(&self.pool).await?;
            Ok(rows.into_iter().map(|(photo, person)| (photo, PersonId(person))).collect())
        })
        .await
    }

    /// Gives photos that have none a row, and their people one where the name is new. Answers how many photos were
    /// new. Harmless when many do it at once.
    pub(crate) async fn add_known_photos(&self, named: &[(&str, String)]) -> Result<u64, StoreError> {
        let mut added = 0;
        for (photo, name) in named {
            added += within(async {
                sqlx::query("INSERT IGNORE INTO person (name) VALUES (?)")
                    .bind(name)
                    .execute(&self.pool)
                    .await?;
                let inserted = sqlx::query(
                    "INSERT IGNORE INTO person_images (image_name, person_id)
                     SELECT ?, id FROM person WHERE name = ?",
                )
                .bind(photo)
                .bind(name)
                .execute(&self.pool)
                .await?;
                Ok(inserted.rows_affected())
            })
            .await?;
        }
        Ok(added)
    }
}
