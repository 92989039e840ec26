//! Somebody: their known photos, the pictures that they are in, who turned out to be them, and what can be changed.

mod changes;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    answer::Answer,
    error_page::PageError,
    image_page::NAMES,
    path_ids::PathIds,
    people_page::face_address,
    site::Site,
    site_address,
    store::{Count, ImageRow, MergeRow, PersonRow, PhotoRow},
    upload,
    view::{Filter, View, address_of_person},
    visitor::Frame,
    words,
};

/// Known photos that are shown. Nobody should need more.
const PHOTOS: u32 = 200;
/// Pictures that are shown.
const PICTURES: usize = 24;
/// Merges that can be undone from here: the last ones.
const MERGES: u32 = 50;

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    id: u64,
    name: String,
    face: Option<String>,
    photos_known: u64,
    photos: Vec<Photo>,
    pictures_known: Count,
    pictures: Vec<ImageRow>,
    /// Where all of them are.
    pictures_address: String,
    merges: Vec<Merge>,
    names: Vec<String>,
}

/// A known photo.
struct Photo {
    name: String,
    /// Where it is seen, and where one is asked whether to forget it.
    address: String,
    forget: String,
    /// Whose it was before somebody turned out to be this person.
    was_of: Option<String>,
}

/// Somebody who turned out to be this person, or somebody who is by now.
struct Merge {
    id: u64,
    name: String,
    into: Option<String>,
    at: String,
}

pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/people/{id}", get(handle))
        .route("/people/{id}/rename", post(changes::rename))
        .route("/people/{id}/merge", get(changes::ask_to_merge).post(changes::merge))
        .route("/people/{id}/merges/{merge}/undo", post(changes::undo_merge))
        .route("/people/{id}/delete", get(changes::ask_to_delete).post(changes::delete))
        .route("/people/{id}/photos/forget", get(changes::ask_to_forget).post(changes::forget))
}

/// The route that takes files, which may take longer than others.
pub(crate) fn upload_router() -> Router<Site> {
    let upload = post(changes::enrol).layer(DefaultBodyLimit::max(upload::MOST_BYTES));
    Router::new().route("/people/{id}/photos", upload)
}

async fn handle(
    State(site): State<Site>,
    frame: Frame,
    PathIds(id): PathIds<u64>,
) -> Result<Response, PageError> {
    let person = site.store.person(id).await?.ok_or(PageError::NoSuchPage)?;
    if person.id != id {
        return Ok(Answer::quiet(site_address::person(person.id)).into_response());
    }
    let page = PersonPage::read(&site, frame, person).await?;
    Ok(page.render().map(Html).map_err(PageError::Rendering)?.into_response())
}

impl PersonPage {
    async fn read(site: &Site, frame: Frame, person: PersonRow) -> Result<Self, PageError> {
        let store = &site.store;
        let known =
            store.known_of(std::slice::from_ref(&person)).await?.remove(&person.id).unwrap_or_default();
        let photos = store.photos(person.id, PHOTOS).await?;
        let of_person = Filter { person: Some(person.name.clone()), ..Filter::default() };
        let pictures = store.images(&View::newest(of_person), PICTURES).await?.unwrap_or_default().rows;
        let merges = store.merges(person.id, MERGES).await?;
        Ok(Self {
            frame,
            id: person.id,
            face: face_address(&known),
            photos_known: known.photos,
            photos: photos.into_iter().map(|photo| Photo::new(person.id, photo)).collect(),
            pictures_known: known.pictures,
            pictures,
            pictures_address: address_of_person(&person.name),
            merges: merges.into_iter().map(|merge| Merge::new(&person.name, merge)).collect(),
            names: store.names(NAMES).await?,
            name: person.name,
        })
    }
}

impl Photo {
    fn new(person: u64, PhotoRow { photo, owner, owner_name }: PhotoRow) -> Self {
        let forget = format!("/people/{person}/photos/forget");
        Self {
            address: site_address::known_photo(&photo),
            forget: site_address::with_words(&forget, &[("photo", Some(photo.clone()))]),
            was_of: (owner != person).then_some(owner_name),
            name: photo,
        }
    }
}

impl Merge {
    fn new(person: &str, merge: MergeRow) -> Self {
        Self {
            id: merge.id,
            name: merge.name,
            into: (merge.into_name != person).then_some(merge.into_name),
            at: words::date_time(merge.created_at),
        }
    }
}
