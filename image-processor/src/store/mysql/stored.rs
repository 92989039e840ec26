//! Images with a result, read to be decided again.

use std::collections::HashMap;

use identification::{Bounds, Quality, Reason, Thresholds};
use migrations::{FaceOutcome, FaceVerdict, ImageStatus, UnresolvedReason};
use service_kit::statements::push_list;
use sqlx::{FromRow, MySqlConnection, QueryBuilder};

use super::{MySqlStore, groups::Embedding, succession, within};
use crate::{
    decision::{Candidate, ImageDecision, PersonId, Said},
    message::ImageId,
    store::{BY_PERSON, FaceColumns, ImageColumns, StoreError, StoredFace, StoredImage},
};

#[derive(FromRow)]
struct ImageRow {
    id: u64,
    lease_token: u64,
    status: ImageStatus,
    person: Option<u64>,
    root: Option<u64>,
    reason: Option<UnresolvedReason>,
    accept_below: Option<f32>,
    unknown_from: Option<f32>,
    margin: Option<f32>,
}

#[derive(FromRow)]
struct FaceRow {
    id: u64,
    image_id: u64,
    box_width: u32,
    box_height: u32,
    /// How many limits the face misses; rows of earlier versions do not say.
    missed: Option<i64>,
    embedding: Vec<u8>,
    model_id: String,
    gallery_revision: String,
    outcome: FaceOutcome,
    person_id: Option<u64>,
    root: Option<u64>,
    matched_photo: Option<String>,
    distance: Option<f32>,
    runner_up_person_id: Option<u64>,
    runner_up_root: Option<u64>,
    runner_up_distance: Option<f32>,
    source: String,
}

impl MySqlStore {
    /// Those of these images that have a result, with their faces and all that people said of them.
    ///
    /// The images are read first: whatever is written to one after that raises its fencing token, and what was decided from
    /// this is refused.
    pub(crate) async fn stored_images(&self, ids: &[u64]) -> Result<Vec<StoredImage>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        within(async {
            let mut connection = self.pool.acquire().await?;
            let mut images = images(&mut connection, ids).await?;
            let mut faces = faces(&mut connection, ids).await?;
            for image in &mut images {
                image.faces = faces.remove(&image.id.0).unwrap_or_default();
            }
            Ok(images)
        })
        .await
    }
}

async fn images(connection: &mut MySqlConnection, ids: &[u64]) -> Result<Vec<StoredImage>, StoreError> {
    let mut select = QueryBuilder::new(
        "SELECT images.id, lease_token, status, images.person, COALESCE(person.merged_into, person.id) AS root,
                reason, accept_below, unknown_from, margin
         FROM images FORCE INDEX (PRIMARY) LEFT JOIN person ON person.id = images.person WHERE images.id IN ",
    );
    push_list(&mut select, ids);
    select.push(" AND status IN (").push_bind(ImageStatus::Processed);
    select.push(", ").push_bind(ImageStatus::Unresolved).push(")");
    let rows: Vec<ImageRow> = select.build_query_as().fetch_all(connection).await?;
    Ok(rows.into_iter().map(ImageRow::into_image).collect())
}

async fn faces(
    connection: &mut MySqlConnection,
    images: &[u64],
) -> Result<HashMap<u64, Vec<StoredFace>>, StoreError> {
    let mut select = QueryBuilder::new(
        "SELECT faces.id, image_id, box_width, box_height,
                CAST(JSON_LENGTH(quality, '$.missed') AS SIGNED) AS missed, embedding, model_id, gallery_revision,
                outcome, person_id, COALESCE(best.merged_into, best.id) AS root, matched_photo, distance,
                runner_up_person_id, COALESCE(second.merged_into, second.id) AS runner_up_root, runner_up_distance,
                source
         FROM faces LEFT JOIN person AS best ON best.id = person_id
                    LEFT JOIN person AS second ON second.id = runner_up_person_id
         WHERE image_id IN ",
    );
    push_list(&mut select, images);
    select.push(" ORDER BY faces.id");
    let rows: Vec<FaceRow> = select.build_query_as().fetch_all(&mut *connection).await?;
    let mut said = said(connection, images).await?;
    let mut faces: HashMap<u64, Vec<StoredFace>> = HashMap::new();
    for row in rows {
        let said = said.remove(&row.id).unwrap_or_default();
        faces.entry(row.image_id).or_default().push(row.into_face(said));
    }
    Ok(faces)
}

/// What people said of the faces of these images, by face.
async fn said(connection: &mut MySqlConnection, images: &[u64]) -> Result<HashMap<u64, Said>, StoreError> {
    let mut select = QueryBuilder::new(
        "SELECT face_id, verdict, COALESCE(person.merged_into, person.id)
         FROM faces JOIN face_verdicts ON face_id = faces.id JOIN person ON person.id = face_verdicts.person_id
         WHERE image_id IN ",
    );
    push_list(&mut select, images);
    let rows: Vec<(u64, FaceVerdict, u64)> = select.build_query_as().fetch_all(connection).await?;
    let mut said: HashMap<u64, Said> = HashMap::new();
    for (face, verdict, person) in rows {
        succession::add(said.entry(face).or_default(), verdict, PersonId(person));
    }
    Ok(said)
}

impl ImageRow {
    fn into_image(self) -> StoredImage {
        let thresholds = match (self.accept_below, self.unknown_from, self.margin) {
            (Some(accept), Some(unknown), Some(margin)) => Some(Thresholds { accept, unknown, margin }),
            _ => None,
        };
        let decision = match self.root {
            Some(root) => ImageDecision::Identified(PersonId(root)),
            None => ImageDecision::Unresolved(self.reason.map_or(Reason::UnknownFace, reason)),
        };
        let (status, person, reason) = (self.status, self.person.map(PersonId), self.reason);
        StoredImage {
            id: ImageId(self.id),
            token: self.lease_token,
            result: ImageColumns { status, person, reason },
            decision,
            thresholds,
            faces: Vec::new(),
        }
    }
}

fn reason(stored: UnresolvedReason) -> Reason {
    match stored {
        UnresolvedReason::NoFace => Reason::NoFace,
        UnresolvedReason::LowQuality => Reason::LowQuality,
        UnresolvedReason::UnknownFace => Reason::UnknownFace,
        UnresolvedReason::Ambiguous => Reason::Ambiguous,
    }
}

impl FaceRow {
    fn into_face(self, said: Said) -> StoredFace {
        let seen_badly = self.missed.map_or(self.outcome == FaceOutcome::LowQuality, |missed| missed > 0);
        let candidates = self.candidates();
        let Embedding(embedding) = self.embedding.into();
        StoredFace {
            id: self.id,
            area: Bounds { left: 0, top: 0, width: self.box_width, height: self.box_height }.area(),
            embedding,
            model_id: self.model_id,
            gallery_revision: self.gallery_revision,
            quality: if seen_badly { Quality::Insufficient } else { Quality::Sufficient },
            result: FaceColumns {
                outcome: self.outcome,
                person: self.person_id.map(PersonId),
                matched_photo: self.matched_photo,
                distance: self.distance,
                runner_up: self.runner_up_person_id.map(PersonId),
                runner_up_distance: self.runner_up_distance,
                by_person: self.source == BY_PERSON,
            },
            candidates,
            said,
        }
    }

    /// The best and the second best person of the last decision, as far as there are distances to them, the nearest first:
    /// whom a person named may be the farther one.
    fn candidates(&self) -> Vec<Candidate> {
        let photo = self.matched_photo.clone().unwrap_or_default();
        let mut candidates: Vec<Candidate> = [
            (self.root, photo, self.distance),
            (self.runner_up_root, String::new(), self.runner_up_distance),
        ]
        .into_iter()
        .filter_map(|(person, photo, distance)| {
            Some(Candidate { person: PersonId(person?), photo, distance: distance? })
        })
        .collect();
        candidates.sort_by(|a, b| a.distance.total_cmp(&b.distance));
        candidates.dedup_by_key(|candidate| candidate.person);
        candidates
    }
}
