//! What the database and the recogniser do together: somebody's photo becomes known, a photo is forgotten, somebody goes.
//!
//! What was begun is ended although the client that asked for it is gone: half of it would be a photo that is nobody's.

use std::collections::BTreeSet;

use thiserror::Error;
use tokio_util::task::TaskTracker;

use crate::{
    gallery::{Forgotten, Gallery, GalleryFailure, Refused},
    picture_format::PictureFormat,
    routes::{actor::Actor, person_ref::PersonRef},
    store::{ChangeError, Confirmed, Refusal, Reserved, Store, Whom},
};

/// How often another name is tried for a photo, or photos that came meanwhile are forgotten.
const TRIES: usize = 5;

/// Why it was not done.
#[derive(Debug, Error)]
pub(crate) enum KnownPeopleError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Gallery(#[from] GalleryFailure),
    /// A bug; what was begun may be half done.
    #[error("a change of known people panicked")]
    Panicked,
}

/// A picture that is to be somebody's known photo.
#[derive(Debug, Clone)]
pub(crate) struct NewPhoto {
    pub(crate) bytes: Vec<u8>,
    pub(crate) format: PictureFormat,
    /// The face that it was cut out of.
    pub(crate) face: Option<u64>,
}

/// A photo that became known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Enrolled {
    pub(crate) photo: String,
    pub(crate) person: PersonRef,
    /// The photos of others that it looks like.
    pub(crate) resembles: Vec<Resembles>,
}

/// A photo that another one looks like, and whose it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resembles {
    pub(crate) photo: String,
    pub(crate) person: Option<PersonRef>,
    pub(crate) distance: f32,
}

/// Changes known people; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct KnownPeople {
    store: Store,
    gallery: Gallery,
    /// What is under way. To be waited for when the process ends.
    under_way: TaskTracker,
}

impl KnownPeople {
    pub(crate) fn new(store: Store, gallery: Gallery, under_way: TaskTracker) -> Self {
        Self { store, gallery, under_way }
    }

    /// Makes a picture a known photo of somebody, and the face that it was cut out of, if it was, theirs.
    pub(crate) async fn enrol(
        &self,
        actor: Actor,
        whom: Whom,
        photo: NewPhoto,
    ) -> Result<Enrolled, KnownPeopleError> {
        let people = self.clone();
        self.to_the_end(async move { people.do_enrol(&actor, &whom, photo).await }).await
    }

    /// Forgets a known photo.
    pub(crate) async fn forget(&self, actor: Actor, photo: String) -> Result<(), KnownPeopleError> {
        let people = self.clone();
        self.to_the_end(async move {
            let forgotten = people.gallery.forget(&photo).await?;
            let was_known = forgotten == Forgotten::Now;
            Ok(people.store.forget_photo(&actor, &photo, was_known).await?)
        })
        .await
    }

    /// Forgets somebody's known photos, then them.
    pub(crate) async fn delete(&self, actor: Actor, person: u64) -> Result<(), KnownPeopleError> {
        let people = self.clone();
        self.to_the_end(async move { people.do_delete(&actor, person).await }).await
    }

    async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, KnownPeopleError>> + Send + 'static,
    ) -> Result<T, KnownPeopleError> {
        self.under_way.spawn(work).await.unwrap_or(Err(KnownPeopleError::Panicked))
    }

    async fn do_enrol(
        &self,
        actor: &Actor,
        whom: &Whom,
        photo: NewPhoto,
    ) -> Result<Enrolled, KnownPeopleError> {
        let NewPhoto { bytes, format, face } = photo;
        let photos = self.gallery.list().await?.photos;
        let mut names: BTreeSet<String> = photos.into_iter().map(|listed| listed.photo).collect();
        let mut left = TRIES;
        let (reserved, enrolled) = loop {
            let reserved = self.store.reserve_photo(actor, whom, format, &names).await?;
            match self.gallery.enrol(&reserved.photo, bytes.clone()).await {
                Ok(enrolled) => break (reserved, enrolled),
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
        match self.store.confirm_photo(actor, &reserved, face).await? {
            Confirmed::Known => {}
            Confirmed::Unwanted => {
                self.gallery.forget(&reserved.photo).await?;
                return Err(ChangeError::from(Refusal::UnknownPerson(reserved.whose.person.id)).into());
            }
        }
        let near: Vec<&str> = enrolled.resembles.iter().map(|near| near.photo.as_str()).collect();
        let owners = self.store.owners(&near).await.map_err(ChangeError::from)?;
        let person = reserved.whose.person;
        let resembles = enrolled.resembles.iter().map(|near| Resembles {
            photo: near.photo.clone(),
            person: owners.get(&near.photo).cloned(),
            distance: near.distance,
        });
        // The recogniser knows people by the names of their photos only.
        let resembles = resembles.filter(|near| near.person.as_ref() != Some(&person)).collect();
        Ok(Enrolled { photo: reserved.photo, person, resembles })
    }

    /// The recogniser did not take the photo. A row that stays makes its person a little harder to recognise, and goes with
    /// `DELETE /api/v1/known-photos/{photo}`.
    async fn withdraw(&self, actor: &Actor, reserved: &Reserved) {
        if let Err(error) = self.store.withdraw_photo(actor, reserved).await {
            tracing::error!(%error, photo = reserved.photo, "the row of a photo that was not enrolled stays");
        }
    }

    async fn do_delete(&self, actor: &Actor, person: u64) -> Result<(), KnownPeopleError> {
        let person = self.store.person(person).await?;
        let photos = self.store.photos_of(person.id).await.map_err(ChangeError::from)?;
        let mut next: Vec<String> = photos.into_iter().map(|photo| photo.photo).collect();
        let mut forgotten = Vec::new();
        for _ in 0..TRIES {
            for photo in next {
                self.gallery.forget(&photo).await?;
                forgotten.push(photo);
            }
            next = self.store.delete_person(actor, person.id, &forgotten).await?;
            if next.is_empty() {
                return Ok(());
            }
        }
        Err(GalleryFailure::Busy("photos of this person are enrolled all the time".to_owned()).into())
    }
}

#[cfg(test)]
mod tests;
