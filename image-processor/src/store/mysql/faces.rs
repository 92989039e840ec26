//! Faces as rows.

use std::{borrow::Cow, collections::BTreeSet};

use proto::QualityLimit;
use serde_json::{Value, json};
use service_kit::statements::{pieces, push_list};
use sqlx::{MySql, QueryBuilder, Transaction, query_builder::Separated, types::Json};

use super::succession::{Kept, Succession};
use crate::{
    decision::{FaceDecision, PersonId},
    store::{DecidedFace, FaceColumns, Finding, StoreError},
};

/// Rows of one statement where there are many: with their 18 values far below the 65,535 that a statement can have.
const LONG: [usize; 1] = [64];

/// A face of this look, as it is written.
pub(super) struct NewFace<'a> {
    pub(super) face: &'a DecidedFace,
    /// That of the look, or what people said of the face before.
    pub(super) decision: Cow<'a, FaceDecision>,
}

/// Brings the rows of these images up to this look. Rows are updated and deleted by their ids: a DELETE by image locks
/// the gap in which another worker is about to insert the faces of its own image, and two such workers are a deadlock.
pub(super) async fn write(
    transaction: &mut Transaction<'_, MySql>,
    successions: &[(u64, &Finding, Succession<'_>)],
) -> Result<(), StoreError> {
    let mut found_again: Vec<(u64, &Finding, &NewFace)> = successions
        .iter()
        .flat_map(|(_, finding, succession)| {
            succession.found_again.iter().map(move |(id, face)| (*id, *finding, face))
        })
        .collect();
    found_again.sort_unstable_by_key(|(id, ..)| *id);
    for (id, finding, face) in found_again {
        face.update(transaction, id, finding).await?;
    }
    for kept in successions.iter().flat_map(|(_, _, succession)| &succession.kept) {
        keep(transaction, kept).await?;
    }
    let gone: Vec<u64> =
        successions.iter().flat_map(|(_, _, succession)| &succession.gone).copied().collect();
    if !gone.is_empty() {
        let mut delete = QueryBuilder::new("DELETE FROM faces WHERE id IN ");
        push_list(&mut delete, &gone);
        delete.build().persistent(false).execute(&mut **transaction).await?;
    }
    let new: Vec<(u64, &Finding, &NewFace)> = successions
        .iter()
        .flat_map(|(image, finding, succession)| {
            succession.new.iter().map(move |face| (*image, *finding, face))
        })
        .collect();
    insert(transaction, &new).await
}

async fn insert(
    transaction: &mut Transaction<'_, MySql>,
    faces: &[(u64, &Finding, &NewFace<'_>)],
) -> Result<(), StoreError> {
    for rows in pieces(faces, &LONG) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score,
                                landmarks, quality, embedding, model_id, gallery_revision, outcome,
                                person_id, matched_photo, distance, runner_up_person_id, runner_up_distance,
                                source, created_at, updated_at) ",
        );
        insert.push_values(rows, |mut row, (image, finding, face)| face.push(&mut row, *image, finding));
        insert.build().execute(&mut **transaction).await?;
    }
    Ok(())
}

/// A face that a person named stays, seen or not; and what was said of it while the picture was in work counts now.
async fn keep(transaction: &mut Transaction<'_, MySql>, kept: &Kept) -> Result<(), StoreError> {
    let PersonId(person) = kept.person;
    // Assignments are done from left to right: the columns that belong to a person are judged before that person.
    sqlx::query(
        "UPDATE faces
         SET matched_photo = IF(person_id <=> ?, matched_photo, NULL), distance = IF(person_id <=> ?, distance, NULL),
             runner_up_distance = IF(runner_up_person_id <=> ?, NULL, runner_up_distance),
             runner_up_person_id = NULLIF(runner_up_person_id, ?),
             person_id = ?, outcome = 'identified', source = 'person', updated_at = UTC_TIMESTAMP(6)
         WHERE id = ? AND NOT (person_id <=> ? AND outcome = 'identified' AND source = 'person')",
    )
    .bind(person)
    .bind(person)
    .bind(person)
    .bind(person)
    .bind(person)
    .bind(kept.id)
    .bind(person)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl NewFace<'_> {
    /// The row keeps its id, and with it what people said of the face, its group and what links to it.
    async fn update(
        &self,
        transaction: &mut Transaction<'_, MySql>,
        id: u64,
        finding: &Finding,
    ) -> Result<(), StoreError> {
        let (face, result) = (&self.face.face, FaceColumns::of(&self.decision));
        let source = result.source();
        sqlx::query(
            "UPDATE faces
             SET box_left = ?, box_top = ?, box_width = ?, box_height = ?, detector_score = ?, landmarks = ?,
                 quality = ?, embedding = ?, model_id = ?, gallery_revision = ?, outcome = ?, person_id = ?,
                 matched_photo = ?, distance = ?, runner_up_person_id = ?, runner_up_distance = ?, source = ?,
                 updated_at = UTC_TIMESTAMP(6)
             WHERE id = ?",
        )
        .bind(face.bounds.left)
        .bind(face.bounds.top)
        .bind(face.bounds.width)
        .bind(face.bounds.height)
        .bind(face.score)
        .bind(Json(self.face.landmarks()))
        .bind(Json(self.face.quality()))
        .bind(self.face.embedding())
        .bind(finding.model_id.as_deref().unwrap_or_default())
        .bind(finding.gallery_revision.as_deref().unwrap_or_default())
        .bind(result.outcome)
        .bind(result.person.map(|person| person.0))
        .bind(result.matched_photo)
        .bind(result.distance)
        .bind(result.runner_up.map(|person| person.0))
        .bind(result.runner_up_distance)
        .bind(source)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    fn push<'a>(&'a self, row: &mut Separated<'_, MySql, &'static str>, image: u64, finding: &'a Finding) {
        let (face, result) = (&self.face.face, FaceColumns::of(&self.decision));
        let source = result.source();
        row.push_bind(image)
            .push_bind(face.bounds.left)
            .push_bind(face.bounds.top)
            .push_bind(face.bounds.width)
            .push_bind(face.bounds.height)
            .push_bind(face.score)
            .push_bind(Json(self.face.landmarks()))
            .push_bind(Json(self.face.quality()))
            .push_bind(self.face.embedding())
            .push_bind(finding.model_id.as_deref().unwrap_or_default())
            .push_bind(finding.gallery_revision.as_deref().unwrap_or_default())
            .push_bind(result.outcome)
            .push_bind(result.person.map(|person| person.0))
            .push_bind(result.matched_photo)
            .push_bind(result.distance)
            .push_bind(result.runner_up.map(|person| person.0))
            .push_bind(result.runner_up_distance)
            .push_bind(source)
            .push("UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)");
    }
}

impl DecidedFace {
    /// Little-endian.
    fn embedding(&self) -> Vec<u8> {
        self.face.embedding.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn landmarks(&self) -> Value {
        self.face.landmarks.iter().map(|point| json!([point.x, point.y])).collect()
    }

    fn quality(&self) -> Value {
        let proto::Quality { size, sharpness, brightness, roll, yaw, .. } = self.face.quality;
        let missed: BTreeSet<QualityLimit> = self
            .face
            .quality
            .missed
            .iter()
            .map(|number| QualityLimit::try_from(*number).unwrap_or(QualityLimit::Unspecified))
            .collect();
        json!({
            "size": size, "sharpness": sharpness, "brightness": brightness, "roll": roll, "yaw": yaw,
            "missed": missed.into_iter().map(word).collect::<Vec<_>>(),
        })
    }
}

/// A limit that a face misses, in `faces.quality`.
fn word(limit: QualityLimit) -> &'static str {
    match limit {
        QualityLimit::Size => "size",
        QualityLimit::Sharpness => "sharpness",
        QualityLimit::TooDark => "too_dark",
        QualityLimit::TooBright => "too_bright",
        QualityLimit::Roll => "roll",
        QualityLimit::Yaw => "yaw",
        // That of a newer recogniser.
        QualityLimit::Unspecified => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_inserted_in_pieces_of_few_lengths() {
        for (rows, lengths) in [
            (0, vec![]),
            (1, vec![1]),
            (15, vec![15]),
            (17, vec![16, 1]),
            (63, vec![16, 16, 16, 15]),
            (64, vec![64]),
            (150, vec![64, 64, 16, 6]),
        ] {
            let cut: Vec<usize> = pieces(&vec![(); rows], &LONG).map(<[()]>::len).collect();
            assert_eq!(cut, lengths, "{rows} rows");
        }
    }
}
