//! The known photos in memory: what a face is compared with. Pure and never changed: another set of photos is another
//! gallery.
//!
//! | module | what |
//! |---|---|
//! | `keeper` | the one task that changes what is known |
//! | `known_photos` | the way to it, and to the gallery of the moment |
//! | `ledger` | what is known of each file, and what has to be looked at; pure |
//! | `folder` | the files |
//! | `watch` | when the files are to be looked at again |
//! | `looking` | from a file to its face |
//! | `snapshot` | the findings as bytes |
//! | `state_file` | the file that holds them |
//! | `enrolment` | which photo may become a known one |
//! | `error` | why the known photos were not changed |

pub(crate) mod enrolment;
mod error;
pub(crate) mod folder;
mod keeper;
mod known_photos;
mod ledger;
pub(crate) mod looking;
mod snapshot;
mod state_file;
mod watch;

use sha2::{Digest, Sha256};

pub(crate) use error::GalleryError;
pub(crate) use keeper::{Keeper, Source};
pub(crate) use known_photos::{KnownPhotos, NewPhoto};
pub(crate) use state_file::StateFile;

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

/// SHA-256 of a file's bytes.
pub(crate) type ContentHash = [u8; 32];
/// Instead of the hash of bytes that cannot be read.
const UNREAD: ContentHash = [0; 32];

/// What the model makes of a file's bytes: the face by which the photo is found, or why it is not searched.
pub(crate) type Finding = Result<Embedding, String>;

/// What is known of one file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Standing {
    /// This is in it, and will be each time that somebody looks.
    Found(Finding),
    /// It could not be looked at, for a reason that is not in its bytes.
    Failed(String),
}

/// One file of the folder of known photos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownPhoto {
    /// The file's name.
    pub(crate) name: String,
    pub(crate) content_hash: ContentHash,
    /// Why it is not searched.
    pub(crate) skipped: Option<String>,
}

/// A known photo and its distance from a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Neighbour<'a> {
    pub(crate) photo: &'a str,
    pub(crate) distance: f32,
}

/// All known photos, ordered by name.
#[derive(Debug)]
pub(crate) struct Gallery {
    photos: Vec<KnownPhoto>,
    revision: String,
    index: Index,
    /// The photo of each row of the index, in rising order.
    searched: Vec<usize>,
    /// The photos whose bytes are known for good, ordered by their hashes.
    by_content: Vec<usize>,
}

impl Default for Gallery {
    fn default() -> Self {
        Self::new([])
    }
}

impl Gallery {
    /// Of photos in the order of their names.
    pub(crate) fn new(photos: impl IntoIterator<Item = (String, ContentHash, Standing)>) -> Self {
        let mut gallery = Self {
            photos: Vec::new(),
            revision: String::new(),
            index: Index::default(),
            searched: Vec::new(),
            by_content: Vec::new(),
        };
        let mut revision = Sha256::new();
        for (number, (name, content_hash, standing)) in photos.into_iter().enumerate() {
            // The length keeps a name apart from what follows it. One that failed may be found by another recogniser
            // that sees the same bytes: the two galleries are not the same.
            revision.update((name.len() as u64).to_le_bytes());
            revision.update(&name);
            revision.update(if matches!(standing, Standing::Found(_)) { content_hash } else { UNREAD });
            let skipped = match standing {
                Standing::Found(finding) => {
                    gallery.by_content.push(number);
                    finding.map(|face| gallery.index.push(&face)).err()
                }
                Standing::Failed(reason) => Some(reason),
            };
            if skipped.is_none() {
                gallery.searched.push(number);
            }
            gallery.photos.push(KnownPhoto { name, content_hash, skipped });
        }
        gallery.revision = hex::encode(revision.finalize());
        gallery.revision.truncate(REVISION_DIGITS);
        gallery.by_content.sort_by_key(|number| gallery.photos[*number].content_hash);
        gallery
    }

    /// Names the content of this gallery: equal wherever the same files are.
    pub(crate) fn revision(&self) -> &str {
        &self.revision
    }

    /// All files, also those that are not searched.
    pub(crate) fn photos(&self) -> &[KnownPhoto] {
        &self.photos
    }

    /// The photo of this name.
    pub(crate) fn photo(&self, name: &str) -> Option<&KnownPhoto> {
        let number = self.photos.binary_search_by(|photo| photo.name.as_str().cmp(name)).ok()?;
        Some(&self.photos[number])
    }

    /// A photo with these bytes.
    pub(crate) fn photo_of(&self, content: &ContentHash) -> Option<&KnownPhoto> {
        Some(&self.photos[self.number_of(content)?])
    }

    /// What is in a photo with these bytes.
    fn finding(&self, content: &ContentHash) -> Option<Finding> {
        let number = self.number_of(content)?;
        let finding = match (&self.photos[number].skipped, self.searched.binary_search(&number)) {
            (None, Ok(row)) => Ok(Embedding::new(self.index.embedding(row))),
            (reason, _) => Err(reason.clone().unwrap_or_default()),
        };
        Some(finding)
    }

    /// Whether it is known what is in these bytes.
    fn knows(&self, content: &ContentHash) -> bool {
        self.number_of(content).is_some()
    }

    fn number_of(&self, content: &ContentHash) -> Option<usize> {
        let hash = |number: &usize| &self.photos[*number].content_hash;
        let place = self.by_content.binary_search_by(|number| hash(number).cmp(content)).ok()?;
        Some(self.by_content[place])
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

#[cfg(test)]
mod tests;
