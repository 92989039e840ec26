//! One group of unknown faces: all of them, a name for all of them, and ticks for those that are somebody else.
//!
//! The way to the next page is a button of the same form, so that ticks and a name that was typed come along without a script.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{RawForm, RawQuery, State},
    response::Html,
};
use url::form_urlencoded;

use crate::{
    answer::Answer,
    api::{Caller, Naming, Who},
    error_page::PageError,
    image_page::NAMES,
    path_ids::PathIds,
    site::Site,
    store::GroupFace,
    visitor::Frame,
};

/// Faces of a page.
const PAGE_SIZE: usize = 60;
/// Counting stops here.
const COUNT_LIMIT: u32 = 10_000;
/// Ticks that fit into an address.
const MOST_EXCEPT: usize = 500;

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
    names: Vec<String>,
}

/// What the form of a group says, on its way to the API or to the next page.
#[derive(Debug, Default, PartialEq, Eq)]
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
                ("except", Ok(id)) if wish.except.len() < MOST_EXCEPT => {
                    wish.except.insert(id);
                }
                _ => {}
            }
        }
        wish
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
        faces,
        wish,
        as_of,
        names: site.store.names(NAMES).await?,
    };
    page.render().map(Html).map_err(PageError::Rendering)
}

pub(super) async fn name(caller: Caller, PathIds(id): PathIds<u64>, RawForm(form): RawForm) -> Answer {
    let wish = Wish::parse(&form);
    let page = format!("/unknown/{id}");
    if wish.name.is_empty() {
        return Answer::refused(&page, "Say who it is: a name is missing.");
    }
    let naming = Naming {
        who: Who::Named { name: wish.name },
        enrol: wish.enrol,
        as_of: wish.as_of,
        except: wish.except.into_iter().collect(),
    };
    Answer::to(caller.name_group(id, &naming).await, &page, |named| {
        Answer::done("/unknown", named.sentence())
    })
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
    fn no_more_faces_are_left_out_than_an_address_holds() {
        let form = (0..2000).map(|id| format!("except={id}")).collect::<Vec<_>>().join("&");
        assert_eq!(Wish::parse(form.as_bytes()).except.len(), MOST_EXCEPT);
    }
}
