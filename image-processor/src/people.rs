//! Who the faces are: the recogniser tells known photos, here they become people. A photo belongs to a person by its
//! row in `person_images`; a photo without one gets its row here, from its file name.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use identification::{candidates, name_of_photo};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    decision::Owner,
    recognizer::{Answer, Recognise, Recognition},
    store::{DecidedFace, Finding, Store, StoreError, decision_of},
};

/// Far more than there are at a time.
const MOST_REVISIONS: usize = 16;
/// How long one image may wait for the photos of a new gallery to be registered.
const REGISTER_BUDGET: Duration = Duration::from_secs(10);

/// Keeps `person_images` in step with the photos that the recogniser knows.
pub(crate) struct People<S> {
    store: S,
    /// Revisions of the gallery whose photos all have rows: several while not all recognisers have the same.
    registered: Mutex<BTreeSet<String>>,
}

impl<S: Store> People<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, registered: Mutex::default() }
    }

    /// Names the faces of an answer.
    pub(crate) async fn name(
        &self,
        answer: Answer,
        recognizer: &impl Recognise,
    ) -> Result<Finding, StoreError> {
        match answer {
            Answer::Faces(recognition) => {
                self.register_gallery(&recognition.gallery_revision, recognizer).await;
                self.name_faces(recognition).await
            }
            Answer::Photo(photo) => {
                let owners = owners_of(&self.store, &photo.iter().map(String::as_str).collect()).await?;
                let person = photo.and_then(|photo| owners.get(&photo)).map(|owner| owner.person);
                Ok(Finding::of_older_recogniser(person))
            }
        }
    }

    async fn name_faces(&self, recognition: Recognition) -> Result<Finding, StoreError> {
        let photos: BTreeSet<&str> =
            recognition.faces.iter().flat_map(|face| &face.nearest).map(|near| near.photo.as_str()).collect();
        let owners = owners_of(&self.store, &photos).await?;
        let Recognition { faces, thresholds, model_id, gallery_revision, size } = recognition;
        let owner_of = |photo: &str| owners.get(photo).copied();
        let faces: Vec<DecidedFace> = faces
            .into_iter()
            .map(|face| {
                let candidates = candidates(&face.nearest, owner_of);
                DecidedFace::new(face, candidates, thresholds)
            })
            .collect();
        Ok(Finding {
            decision: decision_of(&faces),
            faces,
            model_id: Some(model_id),
            gallery_revision: Some(gallery_revision),
            size,
            thresholds: Some(thresholds),
        })
    }

    /// When a recogniser reports another gallery, all of its photos get rows, so that people are known before a
    /// picture shows them. One image's worker does it while the others go on, and not for long: what is missing then
    /// is added with the next image, and the photos of an answer get their rows in `owners_of` in any case.
    ///
    /// The list may come from another recogniser than the answer did; then it is asked for again with the next image.
    async fn register_gallery(&self, revision: &str, recognizer: &impl Recognise) {
        let Ok(mut registered) = self.registered.try_lock() else { return };
        if registered.contains(revision) {
            return;
        }
        match timeout(REGISTER_BUDGET, self.register(recognizer)).await {
            Ok(Ok(listed)) => {
                tracing::info!(gallery.revision = listed, "another gallery is in use");
                if registered.len() == MOST_REVISIONS {
                    registered.clear();
                }
                registered.insert(listed);
            }
            Ok(Err(error)) => tracing::warn!(error, "known photos could not be registered"),
            Err(_) => tracing::warn!("known photos are not registered yet, more with the next image"),
        }
    }

    /// Gives each known photo its row, and returns the revision of the gallery that they are.
    async fn register(&self, recognizer: &impl Recognise) -> Result<String, String> {
        let photos = recognizer.known_photos().await.map_err(|failure| failure.to_string())?;
        let names = photos.names.iter().map(String::as_str).collect();
        owners_of(&self.store, &names).await.map_err(|error| error.to_string())?;
        Ok(photos.gallery_revision)
    }
}

/// Whose these photos are. Rows that are missing are made.
pub(crate) async fn owners_of(
    store: &impl Store,
    photos: &BTreeSet<&str>,
) -> Result<HashMap<String, Owner>, StoreError> {
    let owners = store.owners(photos).await?;
    let unowned: Vec<&str> = photos.iter().copied().filter(|photo| !owners.contains_key(*photo)).collect();
    if unowned.is_empty() {
        return Ok(owners);
    }
    let named: Vec<_> = unowned.iter().map(|photo| (*photo, name_of_photo(photo))).collect();
    store.add_known_photos(&named).await?;
    store.owners(photos).await
}
