//! From a file to its face: reading it, and having the engine look at its bytes.

use std::{path::PathBuf, time::Duration};

use tokio::{task::spawn_blocking, time::sleep};

use super::{
    Standing,
    enrolment::only_face,
    folder::{self, ReadFile},
};
use crate::{
    engine::Face,
    error::RecognitionError,
    pack::QualityLimits,
    workers::{PictureSource, Workers},
};

/// Before a photo for which there was no room in the queue is sent again: requests come first.
const PAUSE: Duration = Duration::from_millis(250);
/// Counter: looks of the engine at known photos.
const ENCODED: &str = "rollcall_photos_encoded_total";

/// Reads a file; the error says in words why it cannot be read.
pub(crate) async fn read(path: PathBuf) -> Result<ReadFile, String> {
    let read = spawn_blocking(move || folder::read(&path)).await;
    read.map_err(|panicked| panicked.to_string())
        .and_then(|read| read.map_err(|error| error.to_string()))
        .map_err(|error| format!("it cannot be read: {error}"))
}

/// Has the engine look at the bytes of the photo `name`, as soon as there is room for it.
pub(super) async fn look(workers: Workers, name: String, bytes: Vec<u8>, limits: QualityLimits) -> Standing {
    let looked = loop {
        match workers.look(PictureSource::Bytes(bytes.clone())).await {
            Err(RecognitionError::QueueFull) => sleep(PAUSE).await,
            looked => break looked,
        }
    };
    metrics::counter!(ENCODED).increment(1);
    match looked {
        Ok(sighting) => {
            let face = only_face(sighting.faces);
            if let Ok(face) = &face {
                warn_of_quality(&name, face, &limits);
            }
            Standing::Found(face.map(|face| face.embedding).map_err(|error| error.to_string()))
        }
        Err(RecognitionError::Picture(error)) => Standing::Found(Err(error.to_string())),
        Err(error) => Standing::Failed(error.to_string()),
    }
}

/// A person put it there: it is searched all the same.
fn warn_of_quality(name: &str, face: &Face, limits: &QualityLimits) {
    let missed: Vec<String> = face.quality.shortcomings(limits).iter().map(ToString::to_string).collect();
    if !missed.is_empty() {
        tracing::warn!(photo = name, face = missed.join(", "), "a known photo is of low quality");
    }
}
