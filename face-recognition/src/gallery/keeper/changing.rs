//! The changes that somebody asks for: enrolling a photo, forgetting one, looking at the folder now.

use std::{io::ErrorKind, sync::Arc};

use super::Keeper;
use crate::gallery::{
    Gallery, GalleryError,
    enrolment::is_in_folder,
    folder::{self, Record},
    known_photos::{Change, NewPhoto},
    ledger::Scan,
};

impl Keeper {
    /// Makes a change and answers whoever asked for it.
    pub(super) async fn change(&mut self, change: Change) {
        match change {
            Change::Enrol(photo, answer) => {
                let enrolled = self.enrol(photo).await.map(|()| self.publish());
                let _nobody_waits = answer.send(enrolled);
            }
            Change::Forget(name, answer) => {
                let forgotten = self.forget(&name).await;
                let _nobody_waits = answer.send(forgotten);
            }
            Change::Reload(answer) => match self.scan(Scan::Asked).await {
                Ok(()) => self.reloads.push(answer),
                Err(error) => {
                    let _nobody_waits = answer.send(Err(GalleryError::Folder(error)));
                }
            },
        }
    }

    async fn enrol(&mut self, photo: NewPhoto) -> Result<(), GalleryError> {
        let NewPhoto { name, content_hash, bytes, face } = photo;
        if let Some(known) = self.gallery().photo_of(&content_hash) {
            return Err(GalleryError::PhotoKnown(known.name.clone()));
        }
        self.ensure_folder().await.map_err(GalleryError::Folder)?;
        let added = self.in_folder({
            let name = name.clone();
            move |folder| folder::add(folder, name.as_str(), &bytes)
        });
        let stat = added.await.map_err(|error| GalleryError::of_change(error, name.as_str()))?;
        tracing::info!(photo = name.as_str(), "a known photo is enrolled");
        let record = Record { stat, racy: true, content_hash };
        self.ledger.add(name.as_str().to_owned(), record, Ok(face));
        Ok(())
    }

    pub(super) async fn forget(&mut self, name: &str) -> Result<Arc<Gallery>, GalleryError> {
        let missing = || GalleryError::Missing(name.to_owned());
        if !is_in_folder(name) {
            return Err(missing());
        }
        // Of a folder that is not there nothing is removed: the photo would be back with it.
        self.ensure_folder().await.map_err(GalleryError::Folder)?;
        let owned = name.to_owned();
        let removed = self.in_folder(move |folder| folder::remove(folder, &owned)).await;
        let was_there = removed.map_err(|error| match error.kind() {
            ErrorKind::IsADirectory | ErrorKind::InvalidFilename => missing(),
            _ => GalleryError::of_change(error, name),
        })?;
        if !was_there && self.gallery().photo(name).is_none() {
            return Err(missing());
        }
        self.ledger.remove(name);
        let gallery = self.publish();
        self.save_without(name).await.map_err(GalleryError::State)?;
        tracing::info!(photo = name, "a known photo is forgotten");
        Ok(gallery)
    }
}
