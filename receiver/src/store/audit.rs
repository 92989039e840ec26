//! The audit trail: who or what changed something. Written in the transaction of the change, read newest first.

use serde_json::Value;
use service_kit::statements::pieces;
use sqlx::{FromRow, MySql, QueryBuilder, Transaction, types::Json};
use time::OffsetDateTime;

use super::{Store, StoreError, within};
use crate::actor::Actor;

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

/// One entry of the trail. Its action may be a word that only another service writes.
#[derive(Debug, FromRow)]
pub(crate) struct AuditRow {
    pub(crate) id: u64,
    pub(crate) at: OffsetDateTime,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) person_id: Option<u64>,
    /// None of somebody who is forgotten.
    pub(crate) person_name: Option<String>,
    pub(crate) face_id: Option<u64>,
    pub(crate) image_id: Option<u64>,
    pub(crate) detail: Json<Value>,
}

/// Which entries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AuditFilter {
    pub(crate) person: Option<u64>,
    pub(crate) image: Option<u64>,
}

impl AuditEntry {
    /// A change of somebody, or of what was nobody's.
    pub(crate) fn of_person(action: Action, person: impl Into<Option<u64>>, detail: Value) -> Self {
        Self { action, person: person.into(), face: None, image: None, detail }
    }

    /// A change of an image.
    pub(crate) fn of_image(action: Action, image: u64, detail: Value) -> Self {
        Self { action, person: None, face: None, image: Some(image), detail }
    }
}

impl Action {
    /// Every word that this service writes.
    pub(crate) const ALL: [Self; 16] = [
        Self::PersonCreated,
        Self::PersonRenamed,
        Self::PersonMerged,
        Self::MergeUndone,
        Self::PersonDeleted,
        Self::PhotoEnrolled,
        Self::PhotoForgotten,
        Self::FaceAssigned,
        Self::FaceUnassigned,
        Self::FaceRefused,
        Self::FaceUnrefused,
        Self::ImageDeleted,
        Self::ImageRerun,
        Self::ImageRetried,
        Self::PictureUploaded,
        Self::GroupNamed,
    ];

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

impl Store {
    /// The newest entries below this id, at most so many.
    pub(crate) async fn audit_below(
        &self,
        filter: AuditFilter,
        below: u64,
        most: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT entry.id, at, actor, action, person_id, person.name AS person_name, face_id, image_id, detail
             FROM audit_entries AS entry LEFT JOIN person ON person.id = entry.person_id WHERE entry.id < ",
        );
        query.push_bind(below);
        if let Some(person) = filter.person {
            query.push(" AND person_id = ").push_bind(person);
        }
        if let Some(image) = filter.image {
            query.push(" AND image_id = ").push_bind(image);
        }
        query.push(" ORDER BY entry.id DESC LIMIT ").push_bind(most);
        within(async { Ok(query.build_query_as().fetch_all(&self.pool).await?) }).await
    }
}
