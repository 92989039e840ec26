//! A sweep for one gallery: its photos get their people, and the images that it may say something else of are wished to be
//! decided again. Page by page, with the duty renewed for each.

use std::collections::{BTreeMap, BTreeSet};

use migrations::FaceOutcome;

use super::{GalleryWatch, standing::Look};
use crate::{
    decision::PersonId,
    drain::patiently,
    people::owners_of,
    recognizer::Gallery,
    store::{Store, StoreError},
};

/// Photos or images of one statement.
const AT_ONCE: usize = 1_000;

impl GalleryWatch {
    /// Sweeps; `false` when the duty was lost on the way.
    pub(super) async fn sweep(&self, look: &Look, gallery: &Gallery) -> Result<bool, StoreError> {
        Ok(self.register(gallery).await?
            && self.wish_for_lost_photos(look, gallery).await?
            && self.wish_for_unnamed_faces(look).await?)
    }

    /// People appear with their photos, before a picture shows them.
    async fn register(&self, gallery: &Gallery) -> Result<bool, StoreError> {
        let photos: Vec<&str> = gallery.photos.keys().map(String::as_str).collect();
        for photos in photos.chunks(AT_ONCE) {
            patiently(|| async { owners_of(&self.store, &photos.iter().copied().collect()).await }).await?;
            if !self.holds().await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Faces of this model whose nearest photo is gone, or is another picture now.
    async fn wish_for_lost_photos(&self, look: &Look, gallery: &Gallery) -> Result<bool, StoreError> {
        let model_id = &look.seen.model_id;
        for (person, photos) in self.lost_photos(model_id, gallery).await? {
            for photos in photos.chunks(AT_ONCE) {
                let photos: Vec<&str> = photos.iter().map(String::as_str).collect();
                let mut after = Some(0);
                while let Some(place) = after {
                    let page =
                        patiently(|| self.store.faces_near_photos(person, model_id, &photos, place)).await?;
                    let near: BTreeSet<u64> =
                        page.iter().filter(|(_, _, near)| *near).map(|(_, image, _)| *image).collect();
                    self.wish(&near.into_iter().collect::<Vec<_>>()).await?;
                    after = page.last().map(|(face, ..)| *face);
                    if !self.holds().await? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    /// By whose they are. Whoever has just taken the duty over does not know what was there before; what has a person and
    /// is not there now may be gone for long, which costs that one sweep.
    async fn lost_photos(
        &self,
        model_id: &str,
        gallery: &Gallery,
    ) -> Result<BTreeMap<PersonId, Vec<String>>, StoreError> {
        let mut lost: BTreeMap<PersonId, Vec<String>> = BTreeMap::new();
        if let Some(before) = self.photos.get(model_id) {
            let changed = before.iter().filter(|(photo, hash)| gallery.photos.get(*photo) != Some(*hash));
            let changed: BTreeSet<&str> = changed.map(|(photo, _)| photo.as_str()).collect();
            for (photo, owner) in patiently(|| self.store.owners(&changed)).await? {
                lost.entry(owner.person).or_default().push(photo);
            }
            return Ok(lost);
        }
        let mut page = patiently(|| self.store.photos_after("")).await?;
        while let Some((last, _)) = page.last().cloned() {
            for (photo, person) in page {
                if !gallery.photos.contains_key(&photo) {
                    lost.entry(person).or_default().push(photo);
                }
            }
            page = patiently(|| self.store.photos_after(&last)).await?;
        }
        Ok(lost)
    }

    /// Faces of this model that nobody was named in, and that were decided by another gallery.
    async fn wish_for_unnamed_faces(&self, look: &Look) -> Result<bool, StoreError> {
        for outcome in [FaceOutcome::Unknown, FaceOutcome::Ambiguous] {
            let revisions = patiently(|| self.store.revisions(outcome)).await?;
            for revision in revisions.iter().filter(|revision| **revision != look.seen.revision) {
                let mut after = Some(0);
                while let Some(place) = after {
                    let page = patiently(|| self.store.faces_under(outcome, revision, place)).await?;
                    let of_model = page.iter().filter(|face| face.model_id == look.seen.model_id);
                    let images: BTreeSet<u64> = of_model.map(|face| face.image_id).collect();
                    self.wish(&images.into_iter().collect::<Vec<_>>()).await?;
                    after = page.last().map(|face| face.id);
                    if !self.holds().await? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    pub(super) async fn wish(&self, images: &[u64]) -> Result<(), StoreError> {
        for images in images.chunks(AT_ONCE) {
            patiently(|| self.store.wish(images)).await?;
            metrics::counter!("rollcall_gallery_wishes_total").increment(images.len() as u64);
        }
        Ok(())
    }
}
