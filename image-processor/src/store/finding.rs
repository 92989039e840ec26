//! What was found in an image, and how a face becomes a row.

use migrations::UnresolvedReason;
use serde_json::{Value, json};
use sqlx::{MySql, mysql::MySqlArguments, query::Query, types::Json};

use crate::{
    decision::{FaceDecision, ImageDecision, PersonId},
    message::ImageId,
    recognizer::RecognizedFace,
};

/// The result of one claim.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) decision: ImageDecision,
    pub(crate) faces: Vec<DecidedFace>,
    pub(crate) model_id: Option<String>,
    pub(crate) gallery_revision: Option<String>,
}

/// A face and what was decided for it.
#[derive(Debug)]
pub(crate) struct DecidedFace {
    pub(crate) face: RecognizedFace,
    pub(crate) decision: FaceDecision,
}

impl Finding {
    /// A recogniser of the older contract names a photo or nobody, and says nothing of faces.
    pub(crate) fn of_older_recogniser(person: Option<PersonId>) -> Self {
        let decision =
            person.map_or(ImageDecision::Unresolved(UnresolvedReason::UnknownFace), ImageDecision::Processed);
        Self { decision, faces: Vec::new(), model_id: None, gallery_revision: None }
    }
}

impl DecidedFace {
    /// Of the box, in pixels.
    pub(crate) fn area(&self) -> u64 {
        u64::from(self.face.bounds.width) * u64::from(self.face.bounds.height)
    }

    /// The statement that writes this face.
    pub(super) fn insert<'q>(
        &'q self,
        image: ImageId,
        finding: &'q Finding,
    ) -> Query<'q, MySql, MySqlArguments> {
        let FaceDecision { outcome, best, runner_up } = &self.decision;
        let bounds = &self.face.bounds;
        sqlx::query(
            "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score,
                                landmarks, quality, embedding, model_id, gallery_revision, outcome,
                                person_id, matched_photo, distance, runner_up_person_id, runner_up_distance,
                                source, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'engine', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(image.0)
        .bind(bounds.left)
        .bind(bounds.top)
        .bind(bounds.width)
        .bind(bounds.height)
        .bind(self.face.score)
        .bind(Json(self.landmarks()))
        .bind(Json(self.quality()))
        .bind(self.face.embedding.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
        .bind(finding.model_id.as_deref().unwrap_or_default())
        .bind(finding.gallery_revision.as_deref().unwrap_or_default())
        .bind(*outcome)
        .bind(best.as_ref().map(|best| best.person.0))
        .bind(best.as_ref().map(|best| best.photo.as_str()))
        .bind(best.as_ref().map(|best| best.distance))
        .bind(runner_up.as_ref().map(|second| second.person.0))
        .bind(runner_up.as_ref().map(|second| second.distance))
    }

    fn landmarks(&self) -> Value {
        self.face.landmarks.iter().map(|point| json!([point.x, point.y])).collect()
    }

    fn quality(&self) -> Value {
        let proto::Quality { size, sharpness, brightness, roll, yaw } = self.face.quality;
        json!({ "size": size, "sharpness": sharpness, "brightness": brightness, "roll": roll, "yaw": yaw })
    }
}
