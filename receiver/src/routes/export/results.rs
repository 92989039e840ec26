//! Every image and what came of it.

use migrations::{FaceOutcome, UnresolvedReason};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

use super::{Export, Page};
use crate::{
    person_ref::PersonRef,
    routes::documentation,
    store::{DecidedFace, ResultRow, Store, StoreError},
};

const AT_ONCE: u32 = 1_000;

/// Every image.
pub(super) struct Results;

/// An image and what came of it, as it is exported.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedResult {
    id: u64,
    path: String,
    #[schema(schema_with = documentation::status)]
    status: &'static str,
    #[schema(schema_with = documentation::reason)]
    reason: Option<&'static str>,
    /// The best identified face.
    person: Option<PersonRef>,
    /// Everybody who was identified.
    people: Vec<PersonRef>,
    /// How many faces it has.
    faces: usize,
    error_code: Option<String>,
    error_detail: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl Export for Results {
    type Row = ExportedResult;

    const COLUMNS: &'static [&'static str] = &[
        "id",
        "path",
        "status",
        "reason",
        "person",
        "people",
        "faces",
        "error_code",
        "error_detail",
        "created_at",
        "updated_at",
    ];

    async fn page(store: &Store, after: u64) -> Result<Page<ExportedResult>, StoreError> {
        let rows = store.results_after(after, AT_ONCE).await?;
        let last = rows.last().map(|(image, _)| image.id);
        let results = rows.into_iter().map(|(image, faces)| ExportedResult::new(image, faces));
        Ok(last.map(|last| (results.collect(), last)))
    }

    fn fields(row: ExportedResult) -> Vec<String> {
        let names: Vec<String> = row.people.into_iter().map(|person| person.name).collect();
        vec![
            row.id.to_string(),
            row.path,
            row.status.to_owned(),
            row.reason.unwrap_or_default().to_owned(),
            row.person.map(|person| person.name).unwrap_or_default(),
            names.join("; "),
            row.faces.to_string(),
            row.error_code.unwrap_or_default(),
            row.error_detail.unwrap_or_default(),
            written(row.created_at),
            written(row.updated_at),
        ]
    }
}

impl ExportedResult {
    fn new(image: ResultRow, faces: Vec<DecidedFace>) -> Self {
        let count = faces.len();
        let identified = faces.into_iter().filter(|face| face.outcome == FaceOutcome::Identified);
        let mut people: Vec<PersonRef> =
            identified.filter_map(|face| PersonRef::new(face.person_id, face.person_name)).collect();
        people.sort_by_key(|person| person.id);
        people.dedup();
        Self {
            id: image.id,
            path: image.path,
            status: image.status.name(),
            reason: image.reason.map(UnresolvedReason::name),
            person: PersonRef::new(image.person_id, image.person_name),
            people,
            faces: count,
            error_code: image.error_code,
            error_detail: image.error_detail,
            created_at: image.created_at,
            updated_at: image.updated_at,
        }
    }
}

/// As the JSON has it.
fn written(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).expect("the years of the database have four digits")
}
