//! Reads the folder of known photos (`KNOWN_PEOPLE`), with progress in the log.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::{task::JoinSet, time::Instant};

use super::{Gallery, KnownPhoto};
use crate::{
    engine::{Embedding, picture::PictureLimits},
    workers::{PictureSource, Workers},
};

/// Between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Reads every photo of the folder, `side_by_side` at a time. A photo that cannot be used is kept with the reason;
/// only a folder that cannot be listed is an error.
pub(crate) async fn read_folder(
    folder: &Path,
    workers: &Workers,
    side_by_side: usize,
) -> io::Result<Gallery> {
    let began = Instant::now();
    let files = list(folder)?;
    let total = files.len();
    let mut photos = Vec::with_capacity(total);
    let mut reading = JoinSet::new();
    let mut told = Instant::now();
    for file in files {
        if reading.len() == side_by_side {
            photos.extend(reading.join_next().await.transpose()?);
        }
        if told.elapsed() >= PROGRESS_EVERY {
            told = Instant::now();
            tracing::info!(read = photos.len(), total, "reading known photos");
        }
        reading.spawn(read_photo(file, workers.clone()));
    }
    while let Some(photo) = reading.join_next().await {
        photos.push(photo?);
    }
    for photo in &photos {
        if let Err(reason) = &photo.face {
            tracing::warn!(photo = photo.name, reason, "a known photo is not searched");
        }
    }
    let gallery = Gallery::new(photos);
    let duration_ms = began.elapsed().as_millis();
    tracing::info!(
        photos = total,
        gallery.revision = gallery.revision(),
        duration_ms,
        "known people are read"
    );
    Ok(gallery)
}

/// Plain files that are not hidden. Names that are no UTF-8 cannot be named in an answer and are passed over.
fn list(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if !name.starts_with('.') && path.is_file() {
            files.push((name.to_owned(), path.clone()));
        }
    }
    Ok(files)
}

async fn read_photo((name, path): (String, PathBuf), workers: Workers) -> KnownPhoto {
    let bytes = match tokio::fs::read(&path).await {
        Ok(bytes) => bytes,
        Err(error) => {
            return KnownPhoto {
                name,
                content_hash: [0; 32],
                face: Err(format!("it cannot be read: {error}")),
            };
        }
    };
    let content_hash = Sha256::digest(&bytes).into();
    KnownPhoto { name, content_hash, face: only_face(bytes, &workers).await }
}

/// The face of a photo that shows one. With several nobody can tell whose name the file bears.
async fn only_face(bytes: Vec<u8>, workers: &Workers) -> Result<Embedding, String> {
    if bytes.len() > PictureLimits::default().bytes {
        return Err("the file is too large".to_owned());
    }
    let sighting = workers.look(PictureSource::Bytes(bytes)).await.map_err(|error| error.to_string())?;
    let count = sighting.faces.len();
    match <[_; 1]>::try_from(sighting.faces) {
        Ok([face]) => Ok(face.embedding),
        Err(_) if count == 0 => Err("no face was found in it".to_owned()),
        Err(_) => Err(format!("it shows {count} faces: crop it to one")),
    }
}
