//! One image: the picture with its faces, and for each face who it is and why.

mod changes;
mod decisions;
mod face;
mod scale;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Html,
    routing::{get, post},
};
use migrations::ImageStatus;

use crate::{
    error_page::PageError,
    overlay::Overlay,
    path_ids::PathIds,
    row::Row,
    site::Site,
    store::{Details, FaceDetails, ImageRow, Verdict},
    visitor::Frame,
    words,
};
use face::Face;
use scale::Thresholds;

#[derive(Template)]
#[template(path = "image.html")]
struct ImagePage {
    frame: Frame,
    row: Row,
    /// Whether something comes by itself.
    is_waiting: bool,
    can_retry: bool,
    can_rerun: bool,
    file_name: String,
    overlay: Option<Overlay>,
    /// Columns and rows of the picture.
    size: Option<(u32, u32)>,
    faces: Vec<Face>,
    thresholds: Thresholds,
    history: Vec<(&'static str, String)>,
    /// Names to choose from.
    names: Vec<String>,
    live: String,
}

/// Names that a field offers. Another one can be typed.
pub(crate) const NAMES: u32 = 300;

pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/images/{id}", get(handle))
        .route("/images/{id}/retry", post(changes::retry))
        .route("/images/{id}/rerun", post(changes::rerun))
        .route("/images/{id}/delete", get(changes::ask_to_delete).post(changes::delete))
        .route("/images/{id}/faces/{face}/person", post(changes::assign))
        .route("/images/{id}/faces/{face}/person/take-back", post(changes::unassign))
        .route("/images/{id}/faces/{face}/not", post(changes::refuse))
        .route("/images/{id}/faces/{face}/not/take-back", post(changes::unrefuse))
}

async fn handle(
    State(site): State<Site>,
    frame: Frame,
    PathIds(id): PathIds<u64>,
) -> Result<Html<String>, PageError> {
    let (row, details, faces) = site.store.details(id).await?.ok_or(PageError::NoSuchPage)?;
    let verdicts = site.store.verdicts(id).await?;
    let names = if faces.is_empty() { Vec::new() } else { site.store.names(NAMES).await? };
    ImagePage::new(frame, row, &details, &faces, &verdicts, names)
        .render()
        .map(Html)
        .map_err(PageError::Rendering)
}

impl ImagePage {
    fn new(
        frame: Frame,
        row: ImageRow,
        details: &Details,
        faces: &[FaceDetails],
        verdicts: &[Verdict],
        names: Vec<String>,
    ) -> Self {
        let size = row.width.zip(row.height);
        let thresholds = Thresholds::of(details);
        let file_name = row.path.rsplit('/').next().unwrap_or_default().to_owned();
        Self {
            frame,
            names,
            is_waiting: matches!(row.status, ImageStatus::Pending | ImageStatus::Processing),
            can_retry: row.status == ImageStatus::Failed,
            can_rerun: matches!(row.status, ImageStatus::Processed | ImageStatus::Unresolved),
            file_name,
            overlay: Overlay::of_details(size, faces),
            size,
            faces: (1..)
                .zip(faces)
                .map(|(number, face)| Face::new(number, face, verdicts, thresholds))
                .collect(),
            thresholds,
            history: history(&row, details),
            live: crate::live::address(std::slice::from_ref(&row), false),
            row: Row::new(row, &[]),
        }
    }
}

/// What happened to the image, as far as its row tells.
fn history(row: &ImageRow, details: &Details) -> Vec<(&'static str, String)> {
    let mut history = vec![
        ("Posted", format!("{} UTC", words::date_time(row.created_at))),
        ("Last change", format!("{} UTC", words::date_time(row.updated_at))),
        ("Failed attempts", details.attempts.to_string()),
    ];
    if details.rounds > 0 {
        history.push(("Rounds of attempts before", details.rounds.to_string()));
    }
    if details.losses > 0 {
        history.push(("Workers lost with it", details.losses.to_string()));
    }
    if let Some(code) = &row.error_code {
        history.push(("Error code", code.clone()));
    }
    if let Some(detail) = &row.error_detail {
        history.push(("Error", detail.clone()));
    }
    if let Some(model) = &details.model_id {
        history.push(("Model", model.clone()));
    }
    if let Some(revision) = &details.gallery_revision {
        history.push(("Known photos", revision.chars().take(12).collect()));
    }
    history
}
