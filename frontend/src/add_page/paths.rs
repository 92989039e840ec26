//! Paths and addresses that somebody pastes, one a line.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{Added, MOST_SHOWN, address};
use crate::{answer::Answer, api::Caller, error_page::PageError, site::Site, visitor::Frame};

/// The field that they are pasted into, for what is kept of it.
pub(super) const FIELD: &str = "paths";

#[derive(Deserialize)]
pub(super) struct Pasted {
    #[serde(default)]
    paths: String,
}

pub(super) async fn handle(
    State(site): State<Site>,
    frame: Frame,
    caller: Caller,
    Form(Pasted { paths }): Form<Pasted>,
) -> Result<Response, PageError> {
    let lines: Vec<&str> = paths.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Ok(Answer::refused("/add", "Paste a path or an address first.").into_response());
    }
    // What is more than a page shows stays in the field.
    let (now, later) = lines.split_at(lines.len().min(MOST_SHOWN));
    let posted = match caller.post_paths(now).await {
        Ok(posted) => posted,
        Err(error) => {
            let answer = Answer::failed("/add", &error).keeping(FIELD, &paths);
            if answer.keeps() {
                return Ok(answer.into_response());
            }
            let refused = vec![(format!("{} lines", lines.len()), error.sentence().to_owned())];
            return Added { refused, text: paths, ..Added::default() }.page(&site, frame).await;
        }
    };
    let mut added = Added { ids: posted.images.iter().map(|image| image.id).collect(), ..Added::default() };
    for rejected in &posted.rejected {
        added.refused.push((rejected.path.clone(), rejected.sentence()));
    }
    if !later.is_empty() {
        let sentence = format!("{MOST_SHOWN} are taken at once. Send these now.");
        added.refused.push((format!("{} more lines", later.len()), sentence));
    }
    if added.refused.is_empty() {
        return Ok(Answer::quiet(address(&added.ids)).into_response());
    }
    let wrong = posted.rejected.iter().map(|rejected| rejected.path.as_str());
    added.text = wrong.chain(later.iter().copied()).collect::<Vec<_>>().join("\n");
    added.page(&site, frame).await
}
