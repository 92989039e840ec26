//! What the database and the recogniser do together: somebody's photo becomes known, a photo is forgotten, somebody goes.

use std::{collections::BTreeSet, time::Duration};

use serde::Serialize;
use thiserror::Error;
use tokio::time::sleep;
use utoipa::ToSchema;

use crate::{
    actor::Actor,
    gallery::{Forgotten, Gallery, GalleryFailure, Refused, Resembling},
    person_ref::PersonRef,
    picture_format::PictureFormat,
    store::{ChangeError, Confirmed, Refusal, Reserved, Store, Whom},
    turns::Turn,
    under_way::{Panicked, UnderWay},
};

/// How often another name is tried for a photo, or photos that came meanwhile are forgotten.
const TRIES: usize = 5;
/// Until the database is tried again that did not take a step back.
const PAUSE: Duration = Duration::from_secs(1);

/// Why it was not done.
#[derive(Debug, Error)]
pub(crate) enum KnownPeopleError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Gallery(#[from] GalleryFailure),
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// A picture that is to be somebody's known photo.
#[derive(Debug)]
pub(crate) struct NewPhoto {
    pub(crate) bytes: Vec<u8>,
    pub(crate) format: PictureFormat,
    /// The face that it was cut out of.
    pub(crate) face: Option<u64>,
    /// What bounds how many such bytes there are at once, where they came with a request.
    pub(crate) turn: Option<Turn>,
}

/// A photo that became known.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct EnrolledPhoto {
    /// The name that it was given, by that of its person.
    pub(crate) photo: String,
    pub(crate) person: PersonRef,
    /// The photos of others that it looks like: perhaps it is one of them.
    pub(crate) resembles: Vec<ResemblingPhoto>,
}

/// A known photo that looks like another one.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ResemblingPhoto {
    pub(crate) photo: String,
    pub(crate) person: Option<PersonRef>,
    pub(crate) distance: f32,
}

/// Changes known people; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct KnownPeople {
    store: Store,
    gallery: Gallery,
    under_way: UnderWay,
}

impl KnownPeople {
    pub(crate) fn new(store: Store, gallery: Gallery, under_way: UnderWay) -> Self {
        Self { store, gallery, under_way }
    }

    /// Makes a picture a known photo of somebody, and the face that it was cut out of, if it was, theirs.
    pub(crate) async fn enrol(
        &self,
        actor: Actor,
        whom: Whom,
        photo: NewPhoto,
    ) -> Result<EnrolledPhoto, KnownPeopleError> {
        let people = self.clone();
        self.under_way.to_the_end(async move { people.do_enrol(&actor, &whom, photo).await }).await?
    }

    /// Forgets a known photo.
    pub(crate) async fn forget(&self, actor: Actor, photo: String) -> Result<(), KnownPeopleError> {
        let people = self.clone();
        let forgetting = async move {
            let forgotten = people.gallery.forget(&photo).await?;
            let was_known = forgotten == Forgotten::Now;
            Ok(people.store.forget_photo(&actor, &photo, was_known).await?)
        };
        self.under_way.to_the_end(forgetting).await?
    }

    /// Forgets somebody's known photos, then them.
    pub(crate) async fn delete(&self, actor: Actor, person: u64) -> Result<(), KnownPeopleError> {
        let people = self.clone();
        self.under_way.to_the_end(async move { people.do_delete(&actor, person).await }).await?
    }

    async fn do_enrol(
        &self,
        actor: &Actor,
        whom: &Whom,
        photo: NewPhoto,
    ) -> Result<EnrolledPhoto, KnownPeopleError> {
        let NewPhoto { bytes, format, face, turn: _turn } = photo;
        let photos = self.gallery.list().await?.photos;
        let mut names: BTreeSet<String> = photos.into_iter().map(|listed| listed.photo).collect();
        let mut left = TRIES;
        let (reserved, near) = loop {
            let reserved = self.store.reserve_photo(actor, whom, format, &names).await?;
            match self.gallery.enrol(&reserved.photo, bytes.clone()).await {
                Ok(near) => break (reserved, near),
                // It may be there: then its row has to be, too.
                Err(lost @ GalleryFailure::Lost(_)) => return Err(lost.into()),
                Err(failure) => {
                    self.withdraw(actor, &reserved).await;
                    let is_taken =
                        matches!(&failure, GalleryFailure::Refused(Refused { code: "name_taken", .. }));
                    left -= 1;
                    if !is_taken || left == 0 {
                        return Err(failure.into());
                    }
                    names.insert(reserved.photo);
                }
            }
        };
        match self.store.confirm_photo(actor, &reserved, face).await {
            Ok(Confirmed::Known) => {}
            Ok(Confirmed::Unwanted) => {
                self.gallery.forget(&reserved.photo).await?;
                return Err(ChangeError::from(Refusal::UnknownPerson(reserved.whose.person.id)).into());
            }
            Err(error) => {
                self.undo(actor, &reserved).await;
                return Err(error.into());
            }
        }
        let person = reserved.whose.person;
        let resembles = self.others(near, &person).await;
        Ok(EnrolledPhoto { photo: reserved.photo, person, resembles })
    }

    /// Those of these photos that are not the person's own, and whose they are. The photo is enrolled by now: where the
    /// database does not tell, nobody is named.
    async fn others(&self, near: Vec<Resembling>, person: &PersonRef) -> Vec<ResemblingPhoto> {
        let names: Vec<&str> = near.iter().map(|near| near.photo.as_str()).collect();
        let mut owners = match self.store.owners(&names).await {
            Ok(owners) => owners,
            Err(error) => {
                tracing::warn!(%error, "whom a new photo looks like is not told");
                return Vec::new();
            }
        };
        let resembles = near.into_iter().map(|Resembling { photo, distance }| ResemblingPhoto {
            person: owners.remove(&photo),
            photo,
            distance,
        });
        // The recogniser knows people by the names of their photos only.
        resembles.filter(|near| near.person.as_ref() != Some(person)).collect()
    }

    /// The recogniser took the photo, and the database did not write what follows: nobody is to be recognised by a photo
    /// that whoever brought it is told of as an error, and that they could not bring again. Where it cannot be forgotten it
    /// stays its person's, like one whose answer was lost.
    async fn undo(&self, actor: &Actor, reserved: &Reserved) {
        match self.gallery.forget(&reserved.photo).await {
            Ok(_) => self.withdraw(actor, reserved).await,
            Err(failure) => {
                tracing::error!(%failure, photo = reserved.photo, "a photo stays known whose enrolment failed");
            }
        }
    }

    /// The photo is not there. A row that stays makes its person a little harder to recognise, and goes with
    /// `DELETE /api/v1/known-photos/{photo}`.
    async fn withdraw(&self, actor: &Actor, reserved: &Reserved) {
        for _ in 1..TRIES {
            match self.store.withdraw_photo(actor, reserved).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, photo = reserved.photo, "a row is not removed yet"),
            }
            sleep(PAUSE).await;
        }
        if let Err(error) = self.store.withdraw_photo(actor, reserved).await {
            tracing::error!(%error, photo = reserved.photo, "the row of a photo that was not enrolled stays");
        }
    }

    async fn do_delete(&self, actor: &Actor, person: u64) -> Result<(), KnownPeopleError> {
        let mut forgotten = Vec::new();
        for _ in 0..=TRIES {
            let left = self.store.delete_person(actor, person, &forgotten).await?;
            if left.is_empty() {
                return Ok(());
            }
            for photo in left {
                self.gallery.forget(&photo).await?;
                forgotten.push(photo);
            }
        }
        Err(GalleryFailure::Busy("photos of this person are enrolled all the time".to_owned()).into())
    }
}

#[cfg(test)]
mod tests;
