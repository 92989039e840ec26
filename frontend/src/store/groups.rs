//! Unknown faces that look alike, the largest groups first. While somebody pages through them they stay where they are: faces
//! that came later are not counted.

use sqlx::{FromRow, MySql, QueryBuilder};

use super::{Store, StoreError};

/// Faces that are looked at to find the largest groups: those of the groups that began last.
pub(crate) const MOST_FACES: u32 = 35_000;
/// Faces of a group that are shown beside its size.
const SAMPLE: u32 = 6;

/// Where a page of groups begins: behind a group of this size and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupPlace {
    /// The highest id of a face that counts.
    pub(crate) as_of: u64,
    pub(crate) size: u64,
    pub(crate) id: u64,
}

impl GroupPlace {
    /// Before the largest group.
    const fn first(as_of: u64) -> Self {
        Self { as_of, size: i64::MAX.unsigned_abs(), id: 0 }
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) id: u64,
    pub(crate) size: u64,
    /// Some of its faces, the first ones.
    pub(crate) sample: Vec<u64>,
}

/// A page of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    pub(crate) rows: Vec<Group>,
    pub(crate) as_of: u64,
    pub(crate) further: Option<GroupPlace>,
    /// Whether there are more unknown faces than are looked at, as the first page tells.
    pub(crate) is_cut: bool,
}

/// A face of a group.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct GroupFace {
    pub(crate) id: u64,
    pub(crate) image_id: u64,
    pub(crate) path: String,
}

impl Store {
    /// At most `size` groups, from the largest on or from a place on.
    pub(crate) async fn groups(&self, place: Option<GroupPlace>, size: usize) -> Result<Groups, StoreError> {
        let place = match place {
            Some(place) => place,
            None => GroupPlace::first(self.newest_face().await?),
        };
        let query = sqlx::query_as(
            "SELECT group_id, COUNT(*) AS size, CAST(SUM(COUNT(*)) OVER () AS SIGNED) AS looked_at
             FROM (SELECT group_id FROM faces FORCE INDEX (faces_group)
                   WHERE outcome = 'unknown' AND group_id > 0 AND group_id <= ? AND id <= ?
                   ORDER BY group_id DESC LIMIT ?) AS looked
             GROUP BY group_id HAVING size < ? OR (size = ? AND group_id > ?)
             ORDER BY size DESC, group_id LIMIT ?",
        );
        let query = query.bind(place.as_of).bind(place.as_of).bind(MOST_FACES);
        let query = query.bind(place.size).bind(place.size).bind(place.id);
        // One more than is shown tells whether there is another page.
        let limit = u64::try_from(size + 1).unwrap_or(u64::MAX);
        let mut rows: Vec<(u64, i64, i64)> = query.bind(limit).fetch_all(&self.pool).await?;
        let has_more = rows.len() > size;
        // The first page has all faces that were looked at in its count.
        let is_cut = rows.first().is_some_and(|(_, _, looked_at)| *looked_at >= i64::from(MOST_FACES));
        rows.truncate(size);
        let mut groups: Vec<Group> = rows
            .into_iter()
            .map(|(id, size, _)| Group { id, size: size.unsigned_abs(), sample: Vec::new() })
            .collect();
        self.sample(&mut groups, place.as_of).await?;
        let last = groups.last().filter(|_| has_more);
        let further = last.map(|last| GroupPlace { as_of: place.as_of, size: last.size, id: last.id });
        Ok(Groups { rows: groups, as_of: place.as_of, further, is_cut })
    }

    async fn newest_face(&self) -> Result<u64, StoreError> {
        let newest = sqlx::query_scalar("SELECT id FROM faces ORDER BY id DESC LIMIT 1");
        Ok(newest.fetch_optional(&self.pool).await?.unwrap_or(0))
    }

    async fn sample(&self, groups: &mut [Group], as_of: u64) -> Result<(), StoreError> {
        if groups.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::<MySql>::new("");
        for (number, group) in groups.iter().enumerate() {
            query.push(if number == 0 { "(" } else { " UNION ALL (" });
            query.push(
                "SELECT group_id, id FROM faces FORCE INDEX (faces_group) WHERE outcome = 'unknown' AND group_id = ",
            );
            query.push_bind(group.id).push(" AND id <= ").push_bind(as_of);
            query.push(" ORDER BY id LIMIT ").push_bind(SAMPLE).push(")");
        }
        let faces: Vec<(u64, u64)> = query.build_query_as().fetch_all(&self.pool).await?;
        for (group_id, face) in faces {
            if let Some(group) = groups.iter_mut().find(|group| group.id == group_id) {
                group.sample.push(face);
            }
        }
        Ok(())
    }

    /// How many faces a group has, and the highest id of any face, which is where the count ends; counted up to `limit`.
    pub(crate) async fn group_size(
        &self,
        group: u64,
        as_of: Option<u64>,
        limit: u32,
    ) -> Result<(u64, u64), StoreError> {
        let as_of = match as_of {
            Some(as_of) => as_of,
            None => self.newest_face().await?,
        };
        let query = sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT 1 FROM faces FORCE INDEX (faces_group)
                                   WHERE outcome = 'unknown' AND group_id = ? AND id <= ? LIMIT ?) AS counted",
        );
        let size: i64 = query.bind(group).bind(as_of).bind(limit).fetch_one(&self.pool).await?;
        Ok((size.unsigned_abs(), as_of))
    }

    /// At most `limit` faces of a group, in the order of their ids, from behind one on.
    pub(crate) async fn group_faces(
        &self,
        group: u64,
        as_of: u64,
        behind: u64,
        limit: usize,
    ) -> Result<Vec<GroupFace>, StoreError> {
        let query = sqlx::query_as(
            "SELECT faces.id, image_id, path
             FROM faces FORCE INDEX (faces_group) JOIN images ON images.id = faces.image_id
             WHERE outcome = 'unknown' AND group_id = ? AND faces.id > ? AND faces.id <= ? ORDER BY faces.id LIMIT ?",
        );
        let query = query.bind(group).bind(behind).bind(as_of).bind(u64::try_from(limit).unwrap_or(u64::MAX));
        Ok(query.fetch_all(&self.pool).await?)
    }
}
