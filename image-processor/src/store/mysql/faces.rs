//! Faces as rows.

use std::collections::BTreeSet;

use proto::QualityLimit;
use serde_json::{Value, json};
use service_kit::statements::{pieces, push_list};
use sqlx::{MySql, QueryBuilder, Transaction, query_builder::Separated, types::Json};

use crate::{
    decision::{FaceDecision, stored_outcome},
    store::{Claim, DecidedFace, Finding, StoreError},
};

/// Rows of one statement where there are many: with their 17 values far below the 65,535 that a statement can have.
const LONG: [usize; 1] = [64];

/// Puts the faces of these findings in place of those of earlier runs.
///
/// The earlier ones are deleted by their ids: a DELETE by image locks the gap in which another worker is about to
/// insert the faces of its own image, and two such workers are a deadlock.
pub(super) async fn replace(
    transaction: &mut Transaction<'_, MySql>,
    findings: &[&(Claim, Finding)],
) -> Result<(), StoreError> {
    let images: Vec<u64> = findings.iter().map(|(claim, _)| claim.id.0).collect();
    let mut select = QueryBuilder::new("SELECT id FROM faces WHERE image_id IN ");
    push_list(&mut select, &images);
    let earlier: Vec<u64> = select.build_query_scalar().fetch_all(&mut **transaction).await?;
    if !earlier.is_empty() {
        let mut delete = QueryBuilder::new("DELETE FROM faces WHERE id IN ");
        push_list(&mut delete, &earlier);
        delete.build().persistent(false).execute(&mut **transaction).await?;
    }

    let faces: Vec<(u64, &Finding, &DecidedFace)> = findings
        .iter()
        .flat_map(|(claim, finding)| finding.faces.iter().map(move |face| (claim.id.0, finding, face)))
        .collect();
    for rows in pieces(&faces, &LONG) {
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

impl DecidedFace {
    fn push<'a>(&'a self, row: &mut Separated<'_, MySql, &'static str>, image: u64, finding: &'a Finding) {
        let FaceDecision { outcome, best, runner_up } = &self.decision;
        let bounds = &self.face.bounds;
        row.push_bind(image)
            .push_bind(bounds.left)
            .push_bind(bounds.top)
            .push_bind(bounds.width)
            .push_bind(bounds.height)
            .push_bind(self.face.score)
            .push_bind(Json(self.landmarks()))
            .push_bind(Json(self.quality()))
            .push_bind(self.face.embedding.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
            .push_bind(finding.model_id.as_deref().unwrap_or_default())
            .push_bind(finding.gallery_revision.as_deref().unwrap_or_default())
            .push_bind(stored_outcome(*outcome))
            .push_bind(best.as_ref().map(|best| best.person.0))
            .push_bind(best.as_ref().map(|best| best.photo.as_str()))
            .push_bind(best.as_ref().map(|best| best.distance))
            .push_bind(runner_up.as_ref().map(|second| second.person.0))
            .push_bind(runner_up.as_ref().map(|second| second.distance))
            .push("'engine', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)");
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
