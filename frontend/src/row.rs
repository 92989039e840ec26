//! One image as a row of the table: for the page, and for browsers that have it open when the image changes.

use std::collections::HashMap;

use askama::Template;

use crate::{
    overlay::Overlay,
    store::{FaceRow, ImageRow},
    view::address_of_person,
    words::{self, Words},
};

/// What a row shows.
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) person: Option<Named>,
    /// Everybody else who was identified, by name.
    pub(crate) others: Vec<Named>,
    pub(crate) status: &'static str,
    pub(crate) words: Words,
    pub(crate) time: String,
    pub(crate) age: String,
    pub(crate) overlay: Option<Overlay>,
    /// Another one for each state of the image.
    pub(crate) version: i128,
}

/// Somebody, and the pictures of them.
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) address: String,
}

#[derive(Template)]
#[template(path = "row.html")]
struct Fragment<'a> {
    row: &'a Row,
}

impl Row {
    /// The rows of these images, with their faces.
    pub(crate) fn all(images: Vec<ImageRow>, faces: &HashMap<u64, Vec<FaceRow>>) -> Vec<Self> {
        let row = |image: ImageRow| {
            let faces = faces.get(&image.id).map_or(&[][..], Vec::as_slice);
            Self::new(image, faces)
        };
        images.into_iter().map(row).collect()
    }

    pub(crate) fn new(image: ImageRow, faces: &[FaceRow]) -> Self {
        let mut others: Vec<&String> = faces
            .iter()
            .filter(|face| face.outcome == migrations::FaceOutcome::Identified)
            .filter_map(|face| face.person.as_ref())
            .filter(|name| Some(*name) != image.person.as_ref())
            .collect();
        others.sort_unstable();
        others.dedup();
        Self {
            id: image.id,
            words: words::about(&image),
            others: others.into_iter().cloned().map(Named::new).collect(),
            overlay: Overlay::of_rows(image.width.zip(image.height), faces),
            status: image.status.name(),
            time: words::date_time(image.created_at),
            age: words::age(image.created_at, image.read_at),
            version: image.updated_at.unix_timestamp_nanos(),
            path: image.path,
            person: image.person.map(Named::new),
        }
    }

    /// The row alone, as HTML.
    pub(crate) fn fragment(&self) -> askama::Result<String> {
        Fragment { row: self }.render()
    }
}

impl Named {
    fn new(name: String) -> Self {
        Self { address: address_of_person(&name), name }
    }
}
