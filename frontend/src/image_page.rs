//! One image: the picture with its faces, and for each face who it is and why.

mod face;
mod scale;

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::Html,
};

use crate::{
    error_page::PageError,
    overlay::Overlay,
    row::Row,
    site::Site,
    store::{Details, FaceDetails, ImageRow},
    words,
};
use face::Face;
use scale::Thresholds;

#[derive(Template)]
#[template(path = "image.html")]
struct ImagePage {
    row: Row,
    file_name: String,
    overlay: Option<Overlay>,
    /// Columns and rows of the picture.
    size: Option<(u32, u32)>,
    faces: Vec<Face>,
    thresholds: Thresholds,
    history: Vec<(&'static str, String)>,
    live: String,
}

pub(crate) async fn handle(
    State(site): State<Site>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Html<String>, PageError> {
    let Path(id) = id.map_err(|_| PageError::NoSuchPage)?;
    let (row, details, faces) = site.store.details(id).await?.ok_or(PageError::NoSuchPage)?;
    ImagePage::new(row, &details, &faces).render().map(Html).map_err(PageError::Rendering)
}

impl ImagePage {
    fn new(row: ImageRow, details: &Details, faces: &[FaceDetails]) -> Self {
        let size = row.width.zip(row.height);
        let thresholds = Thresholds::of(details);
        let file_name = row.path.rsplit('/').next().unwrap_or_default().to_owned();
        Self {
            file_name,
            overlay: Overlay::of_details(size, faces),
            size,
            faces: (1..).zip(faces).map(|(number, face)| Face::new(number, face, thresholds)).collect(),
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
