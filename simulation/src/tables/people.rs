//! Whose known photo it is.

use std::collections::HashMap;

use image_processor::decision::{Owner, PersonId};

use super::Tables;

impl Tables {
    /// Whose these known photos are, and how many each of these people has.
    #[must_use]
    pub fn owners(&self, photos: &[String]) -> HashMap<String, Owner> {
        let owner = |photo: &String| {
            let person = *self.photos.get(photo)?;
            let photos = self.photos.values().filter(|other| **other == person).count();
            Some((photo.clone(), Owner { person, photos: u32::try_from(photos).unwrap_or(u32::MAX) }))
        };
        photos.iter().filter_map(owner).collect()
    }

    /// Gives photos that have none a row, and their people one where the name is new.
    pub fn add_known_photos(&mut self, named: &[(String, String)]) {
        for (photo, name) in named {
            let next = PersonId(self.people.len() as u64 + 1);
            let person = *self.people.entry(name.clone()).or_insert(next);
            self.photos.entry(photo.clone()).or_insert(person);
        }
    }
}
