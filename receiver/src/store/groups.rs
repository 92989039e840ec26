//! Unknown faces that look alike: which groups there are, and whole groups that are named at once.

use migrations::FaceOutcome;
use serde_json::json;
use service_kit::statements::push_list;
use sqlx::{FromRow, QueryBuilder};

use super::{
    ChangeError, Store, StoreError, Whom,
    audit::{self, Action, AuditEntry},
    people::find_or_create,
    repeatedly, verdicts, within,
};
use crate::{actor::Actor, person_ref::PersonRef};

/// Faces that one transaction names: it holds its locks for a moment only.
const AT_ONCE: u32 = 256;
/// Faces of one question at most.
const FACES: usize = 1_000;
/// Faces that stand for a group.
const SAMPLE: u32 = 6;

/// Unknown faces that look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupRow {
    pub(crate) id: u64,
    pub(crate) faces: i64,
    /// Some of them, the first ones.
    pub(crate) sample: Vec<u64>,
    pub(crate) newest_image: u64,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct GroupedFaceRow {
    pub(crate) id: u64,
    pub(crate) image_id: u64,
    pub(crate) path: String,
}

/// Which faces of a group are to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Naming {
    pub(crate) group: u64,
    /// Faces with greater ids came since somebody looked.
    pub(crate) as_of: u64,
    pub(crate) except: Vec<u64>,
}

/// What became of a part of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) person: PersonRef,
    pub(crate) faces: Vec<u64>,
    /// The last face that was looked at, where there may be more.
    pub(crate) more_after: Option<u64>,
}

impl Store {
    /// The highest id of a face: later ones came since.
    pub(crate) async fn newest_face(&self) -> Result<u64, StoreError> {
        let newest: Option<u64> =
            sqlx::query_scalar("SELECT MAX(id) FROM faces").fetch_one(&self.pool).await?;
        Ok(newest.unwrap_or(0))
    }

    /// The largest groups of the faces up to `as_of`, after the group of this size and id.
    pub(crate) async fn unknown_groups(
        &self,
        as_of: u64,
        after: Option<(i64, u64)>,
        most: u32,
    ) -> Result<Vec<GroupRow>, StoreError> {
        // Counted along the index alone. What needs the rows themselves is asked of the groups of this page.
        let mut query = QueryBuilder::new(
            "SELECT group_id, COUNT(*) AS size FROM faces FORCE INDEX (faces_group)
             WHERE outcome = 'unknown' AND group_id IS NOT NULL AND id <= ",
        );
        query.push_bind(as_of).push(" GROUP BY group_id");
        if let Some((size, id)) = after {
            query.push(" HAVING size < ").push_bind(size).push(" OR (size = ").push_bind(size);
            query.push(" AND group_id > ").push_bind(id).push(")");
        }
        query.push(" ORDER BY size DESC, group_id LIMIT ").push_bind(most);
        within(async {
            let sizes: Vec<(u64, i64)> = query.build_query_as().fetch_all(&self.pool).await?;
            if sizes.is_empty() {
                return Ok(Vec::new());
            }
            let ids: Vec<u64> = sizes.iter().map(|(id, _)| *id).collect();
            let mut query = QueryBuilder::new(
                "SELECT group_id, id, newest_image FROM (
                     SELECT group_id, id, MAX(image_id) OVER (PARTITION BY group_id) AS newest_image,
                            ROW_NUMBER() OVER (PARTITION BY group_id ORDER BY id) AS place
                     FROM faces FORCE INDEX (faces_group) WHERE outcome = 'unknown' AND group_id IN ",
            );
            push_list(&mut query, &ids);
            query.push(" AND id <= ").push_bind(as_of);
            query.push(") AS grouped WHERE place <= ").push_bind(SAMPLE).push(" ORDER BY group_id, place");
            let faces: Vec<(u64, u64, u64)> = query.build_query_as().fetch_all(&self.pool).await?;
            let of = |group: u64| faces.iter().filter(move |(of, ..)| *of == group);
            let groups = sizes.into_iter().map(|(id, faces)| GroupRow {
                id,
                faces,
                sample: of(id).map(|(_, face, _)| *face).collect(),
                newest_image: of(id).map(|(.., image)| *image).next().unwrap_or(0),
            });
            Ok(groups.collect())
        })
        .await
    }

    /// The faces of a group, in the order of their ids, after this one.
    pub(crate) async fn faces_of_group(
        &self,
        group: u64,
        after: u64,
        most: u32,
    ) -> Result<Vec<GroupedFaceRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT faces.id, image_id, path
                 FROM faces FORCE INDEX (faces_group) JOIN images ON images.id = image_id
                 WHERE outcome = 'unknown' AND group_id = ? AND faces.id > ? ORDER BY faces.id LIMIT ?",
            );
            Ok(rows.bind(group).bind(after).bind(most).fetch_all(&self.pool).await?)
        })
        .await
    }

    /// Says of a part of a group who its faces are: of those after this one. A group is named part by part, so that none of it
    /// is locked for long; what one part did stays if the next one fails.
    pub(crate) async fn name_group(
        &self,
        actor: &Actor,
        naming: &Naming,
        after: u64,
        whom: &Whom,
    ) -> Result<Option<Named>, ChangeError> {
        within(repeatedly(|| self.try_name_group(actor, naming, after, whom))).await
    }

    async fn try_name_group(
        &self,
        actor: &Actor,
        naming: &Naming,
        after: u64,
        whom: &Whom,
    ) -> Result<Option<Named>, ChangeError> {
        let mut transaction = self.begin().await?;
        let mut place = Some(after);
        let mut subjects = Vec::new();
        while let Some(after) = place.filter(|_| subjects.is_empty()) {
            let faces: Vec<u64> = sqlx::query_scalar(
                "SELECT id FROM faces FORCE INDEX (faces_group)
                 WHERE outcome = 'unknown' AND group_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?",
            )
            .bind(naming.group)
            .bind(after)
            .bind(naming.as_of)
            .bind(AT_ONCE)
            .fetch_all(&mut *transaction)
            .await?;
            place = faces.last().copied().filter(|_| faces.len() == AT_ONCE as usize);
            let wanted: Vec<u64> = faces.into_iter().filter(|face| !naming.except.contains(face)).collect();
            subjects = verdicts::lock(&mut transaction, &wanted).await?;
            // Somebody else may have been quicker with some.
            subjects
                .retain(|face| face.outcome == FaceOutcome::Unknown && face.group_id == Some(naming.group));
        }
        if subjects.is_empty() {
            return Ok(None);
        }
        let person = find_or_create(&mut transaction, actor, whom).await?.person;
        verdicts::assign(&mut transaction, actor, &subjects, &person).await?;
        let faces: Vec<u64> = subjects.iter().map(|subject| subject.id).collect();
        let from = json!({"group": naming.group, "faces": faces.len()});
        let detail = json!({"from": from, "to": {"person": person}});
        let entry = AuditEntry::of_person(Action::GroupNamed, person.id, detail);
        audit::write(&mut transaction, actor, &[entry]).await?;
        transaction.commit().await?;
        Ok(Some(Named { person, faces, more_after: place }))
    }

    /// The sharpest of these faces, if one is there. Of those that are as sharp, or of which nothing is known, the first one.
    pub(crate) async fn sharpest(&self, faces: &[u64]) -> Result<Option<u64>, StoreError> {
        within(async {
            let mut best: Option<(u64, Option<f64>)> = None;
            for faces in faces.chunks(FACES) {
                let mut query = QueryBuilder::new(
                    "SELECT id, CAST(JSON_EXTRACT(quality, '$.sharpness') AS DECIMAL(20, 6)) + 0e0 AS sharpness
                     FROM faces WHERE id IN ",
                );
                push_list(&mut query, faces);
                query.push(" ORDER BY sharpness DESC, id LIMIT 1");
                let next: Option<(u64, Option<f64>)> =
                    query.build_query_as().fetch_optional(&self.pool).await?;
                best = match (best, next) {
                    (Some(best), Some(next)) if next.1 > best.1 => Some(next),
                    (best, next) => best.or(next),
                };
            }
            Ok(best.map(|(face, _)| face))
        })
        .await
    }
}
