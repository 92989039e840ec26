//! Asks the recognisers about stored embeddings, many images at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use identification::{Neighbour, candidates};

use super::deciding::Matched;
use crate::{
    decision::Owner,
    recognizer::{Failure, Recognizer},
    retry::Blame,
    store::{StoredFace, StoredImage},
};

/// Embeddings of one question.
const AT_ONCE: usize = 1_000;

/// What a recogniser says of a stored face.
pub(super) struct Near<'a> {
    face: &'a StoredFace,
    nearest: Vec<Neighbour>,
    gallery_revision: String,
}

/// Whether a recogniser can be asked about it.
pub(super) fn can_be_asked(face: &StoredFace) -> bool {
    !face.embedding.is_empty()
}

/// The faces that a recogniser can be asked about, by the model of their embeddings.
pub(super) fn by_model(images: &[StoredImage]) -> BTreeMap<&str, Vec<&StoredFace>> {
    let mut by_model: BTreeMap<&str, Vec<&StoredFace>> = BTreeMap::new();
    for face in images.iter().flat_map(|image| &image.faces).filter(|face| can_be_asked(face)) {
        by_model.entry(&face.model_id).or_default().push(face);
    }
    by_model
}

/// What the recognisers say of these faces of one model: nothing where none has the model.
pub(super) async fn match_faces<'a>(
    model_id: &str,
    faces: &[&'a StoredFace],
    recognizer: &Recognizer,
) -> Result<Vec<Near<'a>>, Failure> {
    let mut near = Vec::new();
    for faces in faces.chunks(AT_ONCE) {
        let embeddings = faces.iter().map(|face| face.embedding.clone()).collect();
        let answer = match recognizer.match_faces(model_id, embeddings).await {
            Ok(answer) => answer,
            // They have another model, or are too old to be asked this.
            Err(failure) if failure.blame == Blame::Unready => break,
            Err(failure) => return Err(failure),
        };
        near.extend(faces.iter().zip(answer.nearest).map(|(face, nearest)| Near {
            face,
            nearest,
            gallery_revision: answer.gallery_revision.clone(),
        }));
    }
    Ok(near)
}

/// The photos that these faces are near to.
pub(super) fn photos<'a>(near: &'a [Near<'_>]) -> BTreeSet<&'a str> {
    near.iter().flat_map(|near| &near.nearest).map(|near| near.photo.as_str()).collect()
}

impl Near<'_> {
    /// With whose the photos are. Where one is nobody's, the face is not said to be decided by this gallery: the photo may be
    /// new, and when it has its person the face is found by the gallery that decided it before.
    pub(super) fn matched(&self, owners: &HashMap<String, Owner>) -> (u64, Matched) {
        let all_owned = self.nearest.iter().all(|near| owners.contains_key(&near.photo));
        let revision = if all_owned { &self.gallery_revision } else { &self.face.gallery_revision };
        let candidates = candidates(&self.nearest, |photo| owners.get(photo).copied());
        (self.face.id, Matched { candidates, gallery_revision: revision.clone() })
    }
}
