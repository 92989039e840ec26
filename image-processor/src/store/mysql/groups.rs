//! Groups of unknown faces: what is to be grouped, by which faces groups are known, and which face belongs to which.

use std::collections::BTreeMap;

use service_kit::statements::push_list;
use sqlx::{FromRow, QueryBuilder};

use super::{MySqlStore, within};
use crate::store::StoreError;

/// Faces of one look.
pub(crate) const PAGE: u32 = 500;

/// A face that looks like some others, or does not.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct Likeness {
    pub(crate) id: u64,
    /// Of the embedding.
    pub(crate) model_id: String,
    #[sqlx(try_from = "Vec<u8>")]
    pub(crate) embedding: Embedding,
}

/// An unknown face without a group.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct Ungrouped {
    #[sqlx(flatten)]
    pub(crate) face: Likeness,
    /// How near two faces of one person are, under the thresholds of the face's image; rows of earlier versions do not say.
    pub(crate) accept_below: Option<f32>,
}

/// What the model made of a face.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Embedding(pub(crate) Vec<f32>);

impl From<Vec<u8>> for Embedding {
    fn from(bytes: Vec<u8>) -> Self {
        let (numbers, _) = bytes.as_chunks::<4>();
        Self(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect())
    }
}

impl MySqlStore {
    /// Unknown faces without a group, in the order of their ids.
    pub(crate) async fn ungrouped(&self) -> Result<Vec<Ungrouped>, StoreError> {
        within(async {
            let faces = sqlx::query_as(
                "SELECT faces.id, faces.model_id, embedding, accept_below
                 FROM faces FORCE INDEX (faces_group) JOIN images ON images.id = image_id
                 WHERE outcome = 'unknown' AND group_id IS NULL ORDER BY faces.id LIMIT ?",
            )
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            Ok(faces)
        })
        .await
    }

    /// Groups that still have unknown faces, those below this id, the newest first; each with the first of these faces.
    pub(crate) async fn groups_below(&self, id: u64) -> Result<Vec<(u64, Likeness)>, StoreError> {
        within(async {
            let groups: Vec<(u64, u64)> = sqlx::query_as(
                "SELECT group_id, MIN(id) FROM faces FORCE INDEX (faces_group)
                 WHERE outcome = 'unknown' AND group_id < ? GROUP BY group_id ORDER BY group_id DESC LIMIT ?",
            )
            .bind(id)
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            if groups.is_empty() {
                return Ok(Vec::new());
            }
            let mut select = QueryBuilder::new("SELECT id, model_id, embedding FROM faces WHERE id IN ");
            push_list(&mut select, &groups.iter().map(|(_, face)| *face).collect::<Vec<_>>());
            let faces: Vec<Likeness> = select.build_query_as().fetch_all(&self.pool).await?;
            let mut faces: BTreeMap<u64, Likeness> = faces.into_iter().map(|face| (face.id, face)).collect();
            // A face that went away between the two statements leaves a group that nobody can be near to.
            Ok(groups.into_iter().filter_map(|(group, face)| Some((group, faces.remove(&face)?))).collect())
        })
        .await
    }

    /// Puts these faces into this group, as far as they are still unknown and without one.
    pub(crate) async fn join_group(&self, group: u64, faces: &[u64]) -> Result<(), StoreError> {
        within(async {
            let mut update = QueryBuilder::new("UPDATE faces FORCE INDEX (PRIMARY) SET group_id = ");
            update.push_bind(group).push(" WHERE id IN ");
            push_list(&mut update, faces);
            update.push(" AND outcome = 'unknown' AND group_id IS NULL");
            update.build().execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    /// The same for faces each of which is the first of its group.
    pub(crate) async fn found_groups(&self, faces: &[u64]) -> Result<(), StoreError> {
        if faces.is_empty() {
            return Ok(());
        }
        within(async {
            let mut update =
                QueryBuilder::new("UPDATE faces FORCE INDEX (PRIMARY) SET group_id = id WHERE id IN ");
            push_list(&mut update, faces);
            update.push(" AND outcome = 'unknown' AND group_id IS NULL");
            update.build().execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}
