//! The forms of the page of a person.

use axum::{
    Form,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::{
    answer::Answer,
    api::Caller,
    confirm_page::ConfirmPage,
    error_page::PageError,
    path_ids::PathIds,
    site::Site,
    site_address,
    store::{Known, PersonRow},
    upload::Upload,
    visitor::Frame,
};

#[derive(Deserialize)]
pub(super) struct Name {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
pub(super) struct Into {
    #[serde(default)]
    into: String,
}

#[derive(Deserialize)]
pub(super) struct IntoPerson {
    into: u64,
}

#[derive(Deserialize)]
pub(super) struct PhotoName {
    photo: String,
}

pub(super) async fn rename(
    caller: Caller,
    PathIds(id): PathIds<u64>,
    Form(Name { name }): Form<Name>,
) -> Answer {
    let page = site_address::person(id);
    let renamed = caller.rename_person(id, &name).await;
    Answer::told(renamed, &page, format!("Renamed to {}.", name.trim())).keeping("rename", &name)
}

/// Somebody who is there, with what there is of them.
async fn known(site: &Site, id: u64) -> Result<(PersonRow, Known), PageError> {
    let person =
        site.store.person(id).await?.filter(|person| person.id == id).ok_or(PageError::NoSuchPage)?;
    let known = site.store.known_of(std::slice::from_ref(&person)).await?.remove(&id).unwrap_or_default();
    Ok((person, known))
}

pub(super) async fn ask_to_merge(
    State(site): State<Site>,
    frame: Frame,
    PathIds(id): PathIds<u64>,
    Query(Into { into }): Query<Into>,
) -> Result<Response, PageError> {
    let (person, known) = known(&site, id).await?;
    let back = site_address::person(id);
    let into = into.trim();
    if into.is_empty() {
        return Ok(Answer::refused(&back, "Say who it is: a name is missing.").into_response());
    }
    let Some(target) = site.store.person_called(into).await? else {
        let sentence = format!("Nobody is called {into}. Names are compared letter by letter, capitals too.");
        return Ok(Answer::refused(&back, sentence).keeping("merge", into).into_response());
    };
    if target.id == id {
        return Ok(Answer::refused(&back, format!("{} is this person already.", target.name)).into_response());
    }
    let (gone, stays) = (&person.name, &target.name);
    let photos = match known.photos {
        0 => format!("{stays} keeps the known photos that they have."),
        1 => format!("The known photo of {gone} counts as one of {stays}."),
        photos => format!("The {photos} known photos of {gone} count as those of {stays}."),
    };
    let page = ConfirmPage {
        frame,
        question: format!("Is {gone} the same person as {stays}?"),
        consequences: vec![
            format!("{gone} is not listed any more. Pictures of {gone} show {stays} within a moment."),
            photos,
            format!("It can be undone on the page of {stays}: nothing is lost."),
        ],
        picture: crate::people_page::face_address(&known),
        action: format!("/people/{id}/merge"),
        fields: vec![("into", target.id.to_string())],
        button: format!("Merge into {stays}"),
        is_destructive: false,
        back,
    };
    Ok(page.into_response())
}

pub(super) async fn merge(
    caller: Caller,
    PathIds(id): PathIds<u64>,
    Form(IntoPerson { into }): Form<IntoPerson>,
) -> Answer {
    let page = site_address::person(id);
    Answer::to(caller.merge_people(id, into).await, &page, |person| {
        Answer::done(site_address::person(person.id), format!("Both are {} now.", person.name))
    })
}

pub(super) async fn undo_merge(caller: Caller, PathIds((id, merge)): PathIds<(u64, u64)>) -> Answer {
    let page = site_address::person(id);
    Answer::to(caller.undo_merge(merge).await, &page, |person| {
        Answer::done(
            site_address::person(person.id),
            format!("{} is a person of their own again.", person.name),
        )
    })
}

pub(super) async fn ask_to_delete(
    State(site): State<Site>,
    frame: Frame,
    PathIds(id): PathIds<u64>,
) -> Result<Response, PageError> {
    let (PersonRow { name, .. }, known) = known(&site, id).await?;
    let photos = match known.photos {
        0 => format!("{name} has no known photo that would be deleted."),
        1 => "Their known photo is deleted from the folder of known people.".to_owned(),
        photos => format!("Their {photos} known photos are deleted from the folder of known people."),
    };
    let page = ConfirmPage {
        frame,
        question: format!("Delete {name}?"),
        consequences: vec![
            photos,
            format!("What people said of faces of {name} is forgotten, and those faces are decided again."),
            "The pictures stay. This cannot be undone.".to_owned(),
        ],
        picture: crate::people_page::face_address(&known),
        action: format!("/people/{id}/delete"),
        fields: Vec::new(),
        button: format!("Delete {name}"),
        is_destructive: true,
        back: site_address::person(id),
    };
    Ok(page.into_response())
}

pub(super) async fn delete(caller: Caller, PathIds(id): PathIds<u64>) -> Answer {
    let page = site_address::person(id);
    Answer::to(caller.delete_person(id).await, &page, |()| Answer::done("/people", "The person is deleted."))
}

pub(super) async fn ask_to_forget(
    State(site): State<Site>,
    frame: Frame,
    PathIds(id): PathIds<u64>,
    Query(PhotoName { photo }): Query<PhotoName>,
) -> Result<Response, PageError> {
    let (person, _) = known(&site, id).await?;
    let page = ConfirmPage {
        frame,
        question: "Forget this known photo?".to_owned(),
        consequences: vec![
            format!("{photo} is deleted from the folder of known people. This cannot be undone."),
            format!("Faces that were {} by this photo are decided again.", person.name),
        ],
        picture: Some(site_address::known_photo(&photo)),
        action: format!("/people/{id}/photos/forget"),
        fields: vec![("photo", photo)],
        button: "Forget photo".to_owned(),
        is_destructive: true,
        back: site_address::person(id),
    };
    Ok(page.into_response())
}

pub(super) async fn forget(
    caller: Caller,
    PathIds(id): PathIds<u64>,
    Form(PhotoName { photo }): Form<PhotoName>,
) -> Answer {
    let page = site_address::person(id);
    Answer::told(caller.forget_photo(&photo).await, &page, format!("{photo} is forgotten."))
}

pub(super) async fn enrol(caller: Caller, PathIds(id): PathIds<u64>, upload: Upload) -> Answer {
    let page = site_address::person(id);
    let caller = &caller;
    let sent = upload.send_each(|file, bytes| async move {
        let enrolled = caller.enrol_photo(id, &file, bytes).await?;
        Ok(enrolled.sentence())
    });
    let sent = sent.await;
    if let Some(error) = sent.not_let_in {
        return Answer::failed(&page, &error);
    }
    let refused = sent.refused.iter().map(|(file, sentence)| format!("{file}: {sentence}"));
    let told = refused.chain(sent.taken).collect::<Vec<_>>().join(" ");
    match (told.is_empty(), sent.refused.is_empty()) {
        (true, _) => Answer::refused(&page, "Choose a file first."),
        (false, true) => Answer::done(&page, told),
        (false, false) => Answer::refused(&page, told),
    }
}
