//! The audit trail: who or what changed something, in the transaction of the change.

use serde_json::Value;
use service_kit::statements::pieces;
use sqlx::{MySql, QueryBuilder, Transaction, types::Json};

use super::StoreError;
use crate::routes::actor::Actor;

/// Entries of one statement where there are many: naming a group changes each of its faces.
const LONG: [usize; 2] = [256, 64];

/// What was done. The words are part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    PersonCreated,
    PersonRenamed,
    PersonMerged,
    MergeUndone,
    PersonDeleted,
    PhotoEnrolled,
    PhotoForgotten,
    FaceAssigned,
    FaceUnassigned,
    /// "Not this person".
    FaceRefused,
    FaceUnrefused,
    ImageDeleted,
    ImageRerun,
    ImageRetried,
    PictureUploaded,
    GroupNamed,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AuditEntry {
    pub(crate) action: Action,
    pub(crate) person: Option<u64>,
    pub(crate) face: Option<u64>,
    pub(crate) image: Option<u64>,
    /// From what to what: `{"from": ..., "to": ...}`, people with their names.
    pub(crate) detail: Value,
}

impl Action {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PersonCreated => "person_created",
            Self::PersonRenamed => "person_renamed",
            Self::PersonMerged => "person_merged",
            Self::MergeUndone => "merge_undone",
            Self::PersonDeleted => "person_deleted",
            Self::PhotoEnrolled => "photo_enrolled",
            Self::PhotoForgotten => "photo_forgotten",
            Self::FaceAssigned => "face_assigned",
            Self::FaceUnassigned => "face_unassigned",
            Self::FaceRefused => "face_refused",
            Self::FaceUnrefused => "face_unrefused",
            Self::ImageDeleted => "image_deleted",
            Self::ImageRerun => "image_rerun",
            Self::ImageRetried => "image_retried",
            Self::PictureUploaded => "picture_uploaded",
            Self::GroupNamed => "group_named",
        }
    }
}

/// Writes what this transaction changes into the trail.
pub(crate) async fn write(
    transaction: &mut Transaction<'_, MySql>,
    actor: &Actor,
    entries: &[AuditEntry],
) -> Result<(), StoreError> {
    for piece in pieces(entries, &LONG) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO audit_entries (at, actor, action, person_id, face_id, image_id, detail) ",
        );
        insert.push_values(piece, |mut row, entry| {
            row.push("UTC_TIMESTAMP(6)")
                .push_bind(actor.as_str())
                .push_bind(entry.action.name())
                .push_bind(entry.person)
                .push_bind(entry.face)
                .push_bind(entry.image)
                .push_bind(Json(&entry.detail));
        });
        insert.build().execute(&mut **transaction).await?;
    }
    Ok(())
}
