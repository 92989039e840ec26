//! One group of unknown faces: all of them, a name for all of them, and ticks for those that are somebody else.
//!
//! The way to the next page is a button of the same form, so that ticks and a name that was typed come along without a script:
//! in the address, as long as there are not too many for one.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{RawForm, RawQuery, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use url::form_urlencoded;

use crate::{
    answer::Answer,
    api::{Caller, Naming, Who},
    error_page::PageError,
    image_page::NAMES,
    notice::Notice,
    path_ids::PathIds,
    site::Site,
    site_address,
    store::GroupFace,
    visitor::Frame,
};

/// Faces of a page.
const PAGE_SIZE: usize = 60;
/// Counting stops here.
const COUNT_LIMIT: u32 = 10_000;
/// Ticks that fit into an address, also one that has it as where to go after signing in.
const MOST_IN_ADDRESS: usize = 300;

#[derive(Template)]
#[template(path = "group.html")]
struct GroupPage {
    frame: Frame,
    id: u64,
    size: u64,
    is_counted: bool,
    faces: Vec<GroupFace>,
    /// Faces of other pages that are left out.
    left_out: Vec<u64>,
    wish: Wish,
    as_of: u64,
    /// The face behind which the next page begins.
    further: Option<u64>,
    /// How a page is turned, even if each face of this one is ticked.
    turns_by: &'static str,
    names: Vec<String>,
}

/// What the form of a group says, on its way to the API or to the next page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Wish {
    name: String,
    enrol: bool,
    as_of: Option<u64>,
    after: u64,
    except: BTreeSet<u64>,
    /// Whether it comes from another page of the group.
    is_turned: bool,
}

impl Wish {
    /// A word that stands there several times is a list, which is why serde does not read this. What is no number is left out.
    fn parse(form: &[u8]) -> Self {
        let mut wish = Self::default();
        for (word, value) in form_urlencoded::parse(form) {
            match (&*word, value.parse()) {
                ("name", _) => value.trim().clone_into(&mut wish.name),
                ("enrol", _) => wish.enrol = true,
                ("as_of", Ok(id)) => wish.as_of = Some(id),
                ("after", Ok(id)) => {
                    wish.after = id;
                    wish.is_turned = true;
                }
                ("except", Ok(id)) => {
                    wish.except.insert(id);
                }
                _ => {}
            }
        }
        wish
    }

    /// Whether the ticks of it, and so many more, fit into an address.
    fn fits(&self, more: usize) -> bool {
        self.except.len() + more <= MOST_IN_ADDRESS
    }

    /// The page of a group with all that is said so far.
    fn address(&self, group: u64) -> String {
        let number = |number: u64| Some(number.to_string());
        let mut words = vec![
            ("name", Some(self.name.clone()).filter(|name| !name.is_empty())),
            ("enrol", self.enrol.then(|| "1".to_owned())),
            ("as_of", self.as_of.and_then(number)),
            ("after", number(self.after)),
        ];
        words.extend(self.except.iter().map(|face| ("except", number(*face))));
        site_address::with_words(&format!("/unknown/{group}"), &words)
    }
}

pub(super) async fn handle(
    State(site): State<Site>,
    frame: Frame,
    PathIds(id): PathIds<u64>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, PageError> {
    let mut wish = Wish::parse(query.unwrap_or_default().as_bytes());
    // Ticked to begin with: without a known photo the person is found in no later picture.
    wish.enrol |= !wish.is_turned;
    show(&site, frame, id, wish).await
}

/// Another page, where the ticks are too many for an address.
pub(super) async fn turn(
    State(site): State<Site>,
    frame: Frame,
    PathIds(id): PathIds<u64>,
    RawForm(form): RawForm,
) -> Result<Html<String>, PageError> {
    let frame = frame.found_at(&format!("/unknown/{id}"));
    show(&site, frame, id, Wish::parse(&form)).await
}

async fn show(site: &Site, frame: Frame, id: u64, wish: Wish) -> Result<Html<String>, PageError> {
    let (counted, as_of) = site.store.group_size(id, wish.as_of, COUNT_LIMIT).await?;
    // One more than is shown tells whether there is another page.
    let mut faces = site.store.group_faces(id, as_of, wish.after, PAGE_SIZE + 1).await?;
    let has_more = faces.len() > PAGE_SIZE;
    faces.truncate(PAGE_SIZE);
    let is_shown = |id: &u64| faces.iter().any(|face| face.id == *id);
    let page = GroupPage {
        frame,
        id,
        size: counted,
        is_counted: counted < u64::from(COUNT_LIMIT),
        left_out: wish.except.iter().copied().filter(|id| !is_shown(id)).collect(),
        further: faces.last().map(|face| face.id).filter(|_| has_more),
        turns_by: if wish.fits(faces.len()) { "get" } else { "post" },
        faces,
        wish,
        as_of,
        names: site.store.names(NAMES).await?,
    };
    page.render().map(Html).map_err(PageError::Rendering)
}

pub(super) async fn name(
    State(site): State<Site>,
    frame: Frame,
    caller: Caller,
    PathIds(id): PathIds<u64>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let wish = Wish::parse(&form);
    let refused = if wish.name.is_empty() {
        "Say who it is: a name is missing.".to_owned()
    } else {
        let Wish { name, except, .. } = wish.clone();
        let naming = Naming { who: Who::Named { name }, enrol: wish.enrol, as_of: wish.as_of, except };
        match caller.name_group(id, &naming).await {
            Ok(named) => return Ok(Answer::done("/unknown", named.sentence()).into_response()),
            Err(error) if error.keeps_out() && wish.fits(0) => {
                return Ok(Answer::failed(&wish.address(id), &error).into_response());
            }
            Err(error) => error.sentence().to_owned(),
        }
    };
    let frame = Frame { notice: Some(Notice::Refused(refused)), ..frame.found_at(&format!("/unknown/{id}")) };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&site, frame, id, wish).await?).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_who_it_is_and_which_faces_are_left_out() {
        let wish = Wish::parse(
            b"name=+Zo%C3%AB+&enrol=1&as_of=90&except=7&except=5&except=7&except=x&after=60&other=1",
        );
        let expected = Wish {
            name: "Zoë".to_owned(),
            enrol: true,
            as_of: Some(90),
            after: 60,
            except: [5, 7].into(),
            is_turned: true,
        };
        assert_eq!(wish, expected);
        assert_eq!(Wish::parse(b""), Wish::default());
    }

    #[test]
    fn every_tick_counts_and_an_address_holds_so_many_of_them() {
        let form = (0..2000).map(|id| format!("except={id}")).collect::<Vec<_>>().join("&");
        let many = Wish::parse(form.as_bytes());
        assert_eq!((many.except.len(), many.fits(0)), (2000, false));
        let few = Wish { except: (0..240).collect(), ..Wish::default() };
        assert_eq!((few.fits(60), few.fits(61)), (true, false));
    }

    #[test]
    fn the_address_of_a_page_says_what_its_form_did() {
        let wish = Wish {
            name: "Zoë & co".to_owned(),
            enrol: false,
            as_of: Some(90),
            after: 0,
            except: [5, 7].into(),
            is_turned: true,
        };
        let address = wish.address(7);
        assert_eq!(address, "/unknown/7?name=Zo%C3%AB+%26+co&as_of=90&after=0&except=5&except=7");
        let (_, query) = address.split_once('?').expect("a query");
        assert_eq!(Wish::parse(query.as_bytes()), wish);
    }
}
