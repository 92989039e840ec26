//! The known photos in memory: what a face is compared with. Pure; reading the folder is the work of
//! [`folder`].

mod folder;

use sha2::{Digest, Sha256};

pub(crate) use folder::read_folder;

use crate::{
    engine::Embedding,
    search::{Index, Wanted},
};

/// How many known photos an answer holds for a face at least, where there are as many.
const NEAREST: usize = 16;
/// And at most, however many lie within the margin.
const NEAREST_AT_MOST: usize = 256;
/// Hexadecimal digits of a revision.
const REVISION_DIGITS: usize = 16;

/// One file of the folder of known photos.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownPhoto {
    /// The file's name.
    pub(crate) name: String,
    /// SHA-256 of the file's bytes.
    pub(crate) content_hash: [u8; 32],
    /// The face in it, or why it is not searched.
    pub(crate) face: Result<Embedding, String>,
}

/// A known photo and its distance from a face.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Neighbour<'a> {
    pub(crate) photo: &'a str,
    pub(crate) distance: f32,
}

/// All known photos, ordered by name.
#[derive(Debug, Default)]
pub(crate) struct Gallery {
    photos: Vec<KnownPhoto>,
    revision: String,
    index: Index,
    /// The photo of each row of the index.
    searched: Vec<usize>,
}

impl Gallery {
    pub(crate) fn new(mut photos: Vec<KnownPhoto>) -> Self {
        photos.sort_by(|a, b| a.name.cmp(&b.name));
        let revision = revision(&photos);
        let (mut index, mut searched) = (Index::default(), Vec::new());
        for (number, photo) in photos.iter().enumerate() {
            if let Ok(face) = &photo.face {
                index.push(face);
                searched.push(number);
            }
        }
        Self { photos, revision, index, searched }
    }

    /// Names the content of this gallery: equal wherever the same files are.
    pub(crate) fn revision(&self) -> &str {
        &self.revision
    }

    /// All files, also those that are not searched.
    pub(crate) fn photos(&self) -> &[KnownPhoto] {
        &self.photos
    }

    /// The nearest few known photos, nearest first, and with them every photo that is within `margin` of the nearest:
    /// among those a second person makes the face ambiguous.
    pub(crate) fn nearest(&self, face: &Embedding, margin: f32) -> Vec<Neighbour<'_>> {
        let wanted = Wanted { at_least: NEAREST, margin, at_most: NEAREST_AT_MOST };
        let photo = |row: usize| &self.photos[self.searched[row]].name;
        let hits = self.index.nearest(face, wanted).into_iter();
        hits.map(|hit| Neighbour { photo: photo(hit.row), distance: hit.distance }).collect()
    }
}

/// A hash over the names and contents of photos in the order of their names.
fn revision(photos: &[KnownPhoto]) -> String {
    let mut hash = Sha256::new();
    for photo in photos {
        // The length keeps a name apart from what follows it.
        hash.update((photo.name.len() as u64).to_le_bytes());
        hash.update(&photo.name);
        hash.update(photo.content_hash);
    }
    let mut digits = hex::encode(hash.finalize());
    digits.truncate(REVISION_DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(name: &str, content: u8, face: [f32; 2]) -> KnownPhoto {
        KnownPhoto { name: name.to_owned(), content_hash: [content; 32], face: Ok(Embedding::new(face)) }
    }

    #[test]
    fn the_nearest_photo_comes_first_and_skipped_photos_do_not_come() {
        let skipped = KnownPhoto { face: Err("no face".to_owned()), ..photo("skipped.jpg", 3, [0.0, 0.0]) };
        let gallery =
            Gallery::new(vec![photo("far.jpg", 1, [3.0, 4.0]), skipped, photo("near.jpg", 2, [0.0, 1.0])]);

        let nearest = gallery.nearest(&Embedding::new([0.0, 0.0]), 0.05);

        let expected = [("near.jpg", 1.0), ("far.jpg", 5.0)];
        assert_eq!(nearest, expected.map(|(photo, distance)| Neighbour { photo, distance }));
    }

    #[test]
    fn a_second_person_within_the_margin_is_told_behind_any_number_of_photos_of_the_first() {
        let mut photos: Vec<KnownPhoto> =
            (0..40_u8).map(|number| photo(&format!("john_{number}.jpg"), number, [0.0, 0.30])).collect();
        photos.extend([photo("jane.jpg", 50, [0.0, 0.34]), photo("far.jpg", 51, [0.0, 0.36])]);

        let gallery = Gallery::new(photos);
        let nearest = gallery.nearest(&Embedding::new([0.0, 0.0]), 0.05);

        assert_eq!(nearest.len(), 41);
        assert_eq!(nearest[40].photo, "jane.jpg");
    }

    #[test]
    fn the_revision_depends_on_names_and_contents_and_not_on_the_order() {
        let (a, b) = (photo("a.jpg", 1, [0.0, 0.0]), photo("b.jpg", 2, [0.0, 0.0]));
        let original = Gallery::new(vec![a.clone(), b.clone()]);

        let reordered = Gallery::new(vec![b.clone(), a.clone()]);
        let renamed = Gallery::new(vec![KnownPhoto { name: "c.jpg".to_owned(), ..a.clone() }, b.clone()]);
        let changed = Gallery::new(vec![KnownPhoto { content_hash: [9; 32], ..a }, b]);

        assert_eq!(original.revision(), reordered.revision());
        assert_ne!(original.revision(), renamed.revision());
        assert_ne!(original.revision(), changed.revision());
    }
}
