//! Everybody who can be named, as cards in the order of their names, and a form for somebody new.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Query, State},
    response::Html,
    routing::get,
};
use serde::Deserialize;

use crate::{
    answer::Answer,
    api::Caller,
    error_page::PageError,
    site::Site,
    site_address,
    store::{Count, Known, PersonRow},
    visitor::Frame,
};

/// Cards of a page.
const PAGE_SIZE: usize = 24;
/// As long as a name may be.
const MOST_CHARACTERS: usize = 255;

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    text: String,
    cards: Vec<Card>,
    /// Whether the page is not the first.
    is_further: bool,
    first: String,
    further: Option<String>,
    /// The name up to which a search went that found no full page.
    searched_to: Option<String>,
}

/// Somebody.
struct Card {
    id: u64,
    name: String,
    /// Where their face is seen.
    face: Option<String>,
    photos: u64,
    pictures: Count,
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
struct NewPerson {
    #[serde(default)]
    name: String,
}

pub(crate) fn router() -> Router<Site> {
    Router::new().route("/people", get(handle).post(create))
}

async fn handle(
    State(site): State<Site>,
    frame: Frame,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, PageError> {
    let text = wish.q.trim();
    if text.chars().count() > MOST_CHARACTERS || wish.after.chars().count() > MOST_CHARACTERS {
        return Err(PageError::WrongWords("A name has at most 255 characters."));
    }
    let text = (!text.is_empty()).then_some(text);
    let people = site.store.people(text, &wish.after, PAGE_SIZE).await?;
    let mut known = site.store.known_of(&people.rows).await?;
    let address = |after: Option<String>| {
        site_address::with_words("/people", &[("q", text.map(str::to_owned)), ("after", after)])
    };
    let page = PeoplePage {
        frame,
        text: text.unwrap_or_default().to_owned(),
        is_further: !wish.after.is_empty(),
        first: address(None),
        searched_to: people.further.clone().filter(|_| people.is_cut),
        further: people.further.map(|name| address(Some(name))),
        cards: people
            .rows
            .into_iter()
            .map(|person| {
                let known = known.remove(&person.id).unwrap_or_default();
                Card::new(person, &known)
            })
            .collect(),
    };
    page.render().map(Html).map_err(PageError::Rendering)
}

async fn create(caller: Caller, Form(NewPerson { name }): Form<NewPerson>) -> Answer {
    Answer::to(caller.create_person(&name).await, "/people", |person| {
        let told = format!("{} is added. Give a photo, so that they are known by it.", person.name);
        Answer::done(site_address::person(person.id), told)
    })
    .keeping("person", &name)
}

impl Card {
    fn new(PersonRow { id, name }: PersonRow, known: &Known) -> Self {
        Self { id, name, face: face_address(known), photos: known.photos, pictures: known.pictures }
    }
}

/// A known photo, or else a face from a picture.
pub(crate) fn face_address(known: &Known) -> Option<String> {
    let photo = known.photo.as_deref().map(site_address::known_photo);
    photo.or_else(|| known.face.map(|face| format!("/faces/{face}/crop")))
}
