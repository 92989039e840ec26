//! Whose known photo it is. A photo belongs to a person by its row in `person_images`; a photo without one gets its
//! row here, from its file name.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use tokio::{sync::Mutex, time::timeout};

use crate::{
    decision::PersonId,
    recognizer::Recognizer,
    store::{Store, StoreError},
};

/// How long one image may wait for the photos of a new gallery to be registered.
const REGISTER_BUDGET: Duration = Duration::from_secs(10);

/// The name that a known photo's file name stands for: the stem without `_digits` at its end, `_` as a space, each
/// word with a capital. `john_doe_2.jpg` is John Doe.
pub(crate) fn name_of_photo(photo: &str) -> String {
    let stem = photo.rsplit_once('.').map_or(photo, |(stem, _)| stem);
    let unnumbered = match stem.rsplit_once('_') {
        Some((name, number)) if is_number(number) && !name.is_empty() => name,
        _ => stem,
    };
    let words: Vec<String> =
        unnumbered.split(['_', ' ']).filter(|word| !word.is_empty()).map(capitalise).collect();
    if words.is_empty() { photo.to_owned() } else { words.join(" ") }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn capitalise(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Keeps `person_images` in step with the photos that the recogniser knows.
pub(crate) struct People {
    store: Store,
    /// The gallery whose photos all have rows.
    registered: Mutex<Option<String>>,
}

impl People {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, registered: Mutex::new(None) }
    }

    /// Whose these photos are. Rows that are missing are made.
    pub(crate) async fn owners_of(
        &self,
        photos: &BTreeSet<&str>,
    ) -> Result<HashMap<String, PersonId>, StoreError> {
        let owners = self.store.owners(photos).await?;
        let unowned: Vec<&str> =
            photos.iter().copied().filter(|photo| !owners.contains_key(*photo)).collect();
        if unowned.is_empty() {
            return Ok(owners);
        }
        self.add(&unowned).await?;
        self.store.owners(photos).await
    }

    /// When the recogniser reports another gallery, all of its photos get rows, so that people are known before a
    /// picture shows them. One image's worker does it while the others go on, and not for long: what is missing then
    /// is added with the next image, and the photos of an answer get their rows in `owners_of` in any case.
    pub(crate) async fn register_gallery(&self, revision: &str, recognizer: &Recognizer) {
        let Ok(mut registered) = self.registered.try_lock() else { return };
        if registered.as_deref() == Some(revision) {
            return;
        }
        match timeout(REGISTER_BUDGET, self.add_missing(recognizer)).await {
            Ok(Ok(added)) => {
                tracing::info!(gallery.revision = revision, added, "another gallery is in use");
                *registered = Some(revision.to_owned());
            }
            Ok(Err(error)) => tracing::warn!(error, "known photos could not be registered"),
            Err(_) => tracing::warn!("known photos are not registered yet, more with the next image"),
        }
    }

    async fn add_missing(&self, recognizer: &Recognizer) -> Result<u64, String> {
        let photos = recognizer.known_photos().await.map_err(|failure| failure.to_string())?;
        let photos: BTreeSet<&str> = photos.iter().map(String::as_str).collect();
        let owned = self.store.owners(&photos).await.map_err(|error| error.to_string())?;
        let unowned: Vec<&str> = photos.into_iter().filter(|photo| !owned.contains_key(*photo)).collect();
        self.add(&unowned).await.map_err(|error| error.to_string())
    }

    async fn add(&self, photos: &[&str]) -> Result<u64, StoreError> {
        let named: Vec<(&str, String)> = photos.iter().map(|photo| (*photo, name_of_photo(photo))).collect();
        self.store.add_known_photos(&named).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_stands_for_a_name() {
        let table = [
            ("john_doe_2.jpg", "John Doe"),
            ("barack_obama.jpg", "Barack Obama"),
            ("obama.jpg", "Obama"),
            ("joe_biden_0012.jpeg", "Joe Biden"),
            ("élodie_müller.png", "Élodie Müller"),
            ("mary_ann_o'neil.jpg", "Mary Ann O'neil"),
            ("R2_D2.jpg", "R2 D2"),
            ("agent_007_1.png", "Agent 007"),
            ("J. R. Smith.jpg", "J. R. Smith"),
            ("_12.jpg", "12"),
            ("___.jpg", "___.jpg"),
            ("noextension", "Noextension"),
        ];
        for (photo, name) in table {
            assert_eq!(name_of_photo(photo), name, "{photo}");
        }
    }
}
