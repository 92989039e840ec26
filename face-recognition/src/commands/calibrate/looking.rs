//! From photos to their faces, on all threads that recognise.

use std::{collections::HashMap, num::NonZeroUsize, path::Path, time::Duration};

use pictures::PictureRoot;
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::Instant,
};

use super::album::{Album, Photo, Shown};
use crate::{
    config::Config,
    engine::{Embedding, Face, quality::Shortcoming},
    gallery::{ContentHash, enrolment::only_face, looking},
    pack::Pack,
    workers::{PictureSource, Workers},
};

/// Between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);
/// Photos for each thread: one that it looks at, and one that is read meanwhile.
const PER_THREAD: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// A photo with one face.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) shows: Shown,
    pub(super) face: Embedding,
    /// The limits of quality that it misses.
    pub(super) lacks: Vec<Shortcoming>,
}

/// A photo that is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unusable {
    pub(super) path: String,
    pub(super) reason: String,
}

/// What was seen, in the order of the album.
#[derive(Debug, Default)]
pub(super) struct Looks {
    pub(super) seen: Vec<Seen>,
    pub(super) unusable: Vec<Unusable>,
}

/// The only face of a photo, and the hash of its bytes.
type Look = Result<(ContentHash, Face), String>;

/// Looks at every photo, with progress in the log.
pub(super) async fn look(root: &Path, album: &Album, pack: &Pack, config: &Config) -> anyhow::Result<Looks> {
    let (threads, side_by_side) = (config.worker_count(), config.worker_count().saturating_mul(PER_THREAD));
    let starting = {
        let (pack, config, root) = (pack.clone(), config.clone(), root.to_owned());
        move || {
            let root = PictureRoot::open(&root)?;
            let (library, options) = (&config.onnx_runtime, config.engine_options());
            anyhow::Ok(Workers::start(&pack, library, options, root, threads, side_by_side)?)
        }
    };
    let (workers, threads) = spawn_blocking(starting).await??;
    let found = look_at_all(root, album, &workers, side_by_side.get()).await?;
    drop(workers);
    spawn_blocking(|| threads.join()).await?;
    Ok(sorted_out(album, found, pack))
}

/// What is in each photo, in the order of the album.
async fn look_at_all(
    root: &Path,
    album: &Album,
    workers: &Workers,
    side_by_side: usize,
) -> anyhow::Result<Vec<Look>> {
    let total = album.photos.len();
    let mut found: Vec<Option<Look>> = vec![None; total];
    let (mut looks, mut begun, mut looked_at) = (JoinSet::new(), 0, 0);
    let mut tell_at = Instant::now() + PROGRESS_EVERY;
    while looked_at < total {
        while begun < total && looks.len() < side_by_side {
            let (number, path, workers) = (begun, root.join(&album.photos[begun].path), workers.clone());
            looks.spawn(async move { (number, look_at(&path, &workers).await) });
            begun += 1;
        }
        if let Some(looked) = looks.join_next().await {
            let (number, look) = looked?;
            found[number] = Some(look);
            looked_at += 1;
        }
        if Instant::now() >= tell_at {
            tell_at = Instant::now() + PROGRESS_EVERY;
            tracing::info!(looked_at, total, "looking at photos");
        }
    }
    tracing::info!(total, "all photos are looked at");
    Ok(found.into_iter().flatten().collect())
}

async fn look_at(path: &Path, workers: &Workers) -> Look {
    let file = looking::read(path.to_owned()).await?;
    let bytes = file.bytes.map_err(|error| error.to_string())?;
    let sighting = workers.look(PictureSource::Bytes(bytes)).await.map_err(|error| error.to_string())?;
    let face = only_face(sighting.faces).map_err(|error| error.to_string())?;
    Ok((file.record.content_hash, face))
}

/// What counts and what does not. The same file twice would find itself.
fn sorted_out(album: &Album, found: Vec<Look>, pack: &Pack) -> Looks {
    let mut looks = Looks::default();
    let mut first: HashMap<ContentHash, &str> = HashMap::new();
    for (Photo { path, shows }, look) in album.photos.iter().zip(found) {
        let counts = look.and_then(|(hash, face)| match first.get(&hash) {
            Some(first) => Err(format!("it is the same file as {first}")),
            None => {
                first.insert(hash, path);
                Ok(face)
            }
        });
        match counts {
            Ok(face) => {
                let lacks = face.quality.shortcomings(&pack.manifest.quality);
                looks.seen.push(Seen { path: path.clone(), shows: *shows, face: face.embedding, lacks });
            }
            Err(reason) => {
                // What a decoder says may have lines.
                let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
                looks.unusable.push(Unusable { path: path.clone(), reason });
            }
        }
    }
    let astray =
        |path: &String| Unusable { path: path.clone(), reason: "it is in nobody's folder".to_owned() };
    looks.unusable.extend(album.astray.iter().map(astray));
    looks
}
