//! Whose the known photos are: here, without the database, what their file names say.

use std::collections::BTreeMap;
use std::sync::Arc;

use identification::{Owner, name_of_photo};

use crate::gallery::Gallery;

/// A person, by the number of the name in the order of names.
pub(super) type Person = usize;

/// The people of a gallery.
pub(super) struct People {
    gallery: Arc<Gallery>,
    names: Vec<String>,
    /// By the number of the name, how many photos there are.
    photos: Vec<u32>,
}

impl People {
    pub(super) fn of(gallery: Arc<Gallery>) -> Self {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for photo in gallery.photos().iter().filter(|photo| photo.skipped.is_none()) {
            *counts.entry(name_of_photo(&photo.name)).or_default() += 1;
        }
        let (names, photos) = counts.into_iter().unzip();
        Self { gallery, names, photos }
    }

    pub(super) fn gallery(&self) -> &Gallery {
        &self.gallery
    }

    pub(super) fn name(&self, person: Person) -> &str {
        &self.names[person]
    }

    pub(super) fn owner_of(&self, photo: &str) -> Option<Owner<Person>> {
        let person = self.names.binary_search(&name_of_photo(photo)).ok()?;
        Some(Owner { person, photos: self.photos[person] })
    }
}
