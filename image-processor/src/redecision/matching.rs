//! Asks the recognisers about stored embeddings, many images at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use identification::{Neighbour, candidates};

use super::deciding::Matched;
use crate::{
    people::owners_of,
    recognizer::{Failure, Recognizer},
    retry::Blame,
    store::{MySqlStore, StoreError, StoredFace, StoredImage},
};

/// Embeddings of one question.
const AT_ONCE: usize = 1_000;

/// Why not all faces could be asked about.
#[derive(Debug)]
pub(super) enum Unmatched {
    Recogniser(Failure),
    Store(StoreError),
}

impl From<StoreError> for Unmatched {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What the recognisers say of the faces of these images, by face. Faces of a model that no recogniser has are not among
/// them.
pub(super) async fn match_faces(
    images: &[StoredImage],
    recognizer: &Recognizer,
    store: &MySqlStore,
) -> Result<HashMap<u64, Matched>, Unmatched> {
    let mut by_model: BTreeMap<&str, Vec<&StoredFace>> = BTreeMap::new();
    for face in images.iter().flat_map(|image| &image.faces).filter(|face| !face.embedding.is_empty()) {
        by_model.entry(&face.model_id).or_default().push(face);
    }
    let mut near: Vec<(u64, Vec<Neighbour>, String)> = Vec::new();
    for (model_id, faces) in by_model {
        for faces in faces.chunks(AT_ONCE) {
            let embeddings = faces.iter().map(|face| face.embedding.clone()).collect();
            let answer = match recognizer.match_faces(model_id, embeddings).await {
                Ok(answer) => answer,
                // They have another model, or are too old to be asked this.
                Err(failure) if failure.blame == Blame::Unready => break,
                Err(failure) => return Err(Unmatched::Recogniser(failure)),
            };
            for (face, nearest) in faces.iter().zip(answer.nearest) {
                near.push((face.id, nearest, answer.gallery_revision.clone()));
            }
        }
    }
    let photos: BTreeSet<&str> =
        near.iter().flat_map(|(_, nearest, _)| nearest).map(|near| near.photo.as_str()).collect();
    let owners = owners_of(store, &photos).await?;
    let matched = |(face, nearest, gallery_revision): &(u64, Vec<Neighbour>, String)| {
        let candidates = candidates(nearest, |photo| owners.get(photo).copied());
        (*face, Matched { candidates, gallery_revision: gallery_revision.clone() })
    };
    Ok(near.iter().map(matched).collect())
}
