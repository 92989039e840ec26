//! The forms of the page of an image: who its faces are, another look, and its end.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::{
    answer::Answer,
    api::{Caller, Who},
    confirm_page::ConfirmPage,
    error_page::PageError,
    path_ids::PathIds,
    site::Site,
    site_address,
    visitor::Frame,
};

/// Who a face is: a button names somebody by their id, a field by a name.
#[derive(Deserialize)]
pub(crate) struct Assigned {
    person_id: Option<u64>,
    #[serde(default)]
    name: String,
    /// There when the face is to become a known photo, too.
    enrol: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Somebody {
    person_id: u64,
}

/// The page, at a face.
fn at_face(image: u64, face: u64) -> String {
    format!("{}#face-{face}", site_address::image(image))
}

impl Assigned {
    /// `None` when nobody is named.
    fn who(&self) -> Option<Who> {
        match (self.person_id, self.name.trim()) {
            (Some(person_id), _) => Some(Who::Known { person_id }),
            (None, "") => None,
            (None, name) => Some(Who::Named { name: name.to_owned() }),
        }
    }
}

pub(crate) async fn assign(
    caller: Caller,
    PathIds((image, face)): PathIds<(u64, u64)>,
    Form(assigned): Form<Assigned>,
) -> Answer {
    let page = at_face(image, face);
    let Some(who) = assigned.who() else {
        return Answer::refused(&page, "Say who it is: a name is missing.");
    };
    let answer = if assigned.enrol.is_none() {
        Answer::told(caller.assign(face, &who).await, &page, "Noted who this is.")
    } else {
        let enrolled = caller.enrol_face(face, &who).await;
        Answer::to(enrolled, &page, |enrolled| Answer::done(&page, enrolled.sentence()))
    };
    match who {
        Who::Named { name } => answer.keeping(&format!("face-{face}"), &name),
        Who::Known { .. } => answer,
    }
}

pub(crate) async fn unassign(caller: Caller, PathIds((image, face)): PathIds<(u64, u64)>) -> Answer {
    let page = at_face(image, face);
    Answer::told(caller.unassign(face).await, &page, "Taken back who this is.")
}

pub(crate) async fn refuse(
    caller: Caller,
    PathIds((image, face)): PathIds<(u64, u64)>,
    Form(Somebody { person_id }): Form<Somebody>,
) -> Answer {
    let page = at_face(image, face);
    let refused = caller.refuse(face, person_id).await;
    Answer::told(refused, &page, "Noted who this is not. It will not be named so again.")
}

pub(crate) async fn unrefuse(
    caller: Caller,
    PathIds((image, face)): PathIds<(u64, u64)>,
    Form(Somebody { person_id }): Form<Somebody>,
) -> Answer {
    let page = at_face(image, face);
    Answer::told(caller.unrefuse(face, person_id).await, &page, "Taken back who this is not.")
}

pub(crate) async fn retry(caller: Caller, PathIds(image): PathIds<u64>) -> Answer {
    let page = site_address::image(image);
    Answer::told(caller.retry_image(image).await, &page, "It is tried again.")
}

pub(crate) async fn rerun(caller: Caller, PathIds(image): PathIds<u64>) -> Answer {
    let page = site_address::image(image);
    Answer::told(caller.rerun_image(image).await, &page, "It is looked at again.")
}

pub(crate) async fn ask_to_delete(
    State(site): State<Site>,
    frame: Frame,
    PathIds(image): PathIds<u64>,
) -> Result<Response, PageError> {
    let row = site.store.images_by_id(&[image]).await?.pop().ok_or(PageError::NoSuchPage)?;
    let page = ConfirmPage {
        frame,
        question: "Delete this picture?".to_owned(),
        consequences: vec![
            row.path,
            "Its result, its faces and what was said of them are gone. This cannot be undone.".to_owned(),
            "If its file was uploaded here, it is deleted, too. Any other file stays where it is.".to_owned(),
        ],
        picture: Some(format!("/pictures/{image}/thumbnail")),
        action: format!("/images/{image}/delete"),
        fields: Vec::new(),
        button: "Delete picture".to_owned(),
        is_destructive: true,
        back: site_address::image(image),
    };
    Ok(page.into_response())
}

pub(crate) async fn delete(caller: Caller, PathIds(image): PathIds<u64>) -> Answer {
    let page = site_address::image(image);
    Answer::to(caller.delete_image(image).await, &page, |()| {
        Answer::done("/", format!("Picture {image} is deleted."))
    })
}
