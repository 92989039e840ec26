//! The one task that changes what is known: it lists the folder, has new photos looked at, enrols and forgets, publishes
//! each gallery and saves what was found. One change is made after the other.

mod changing;
mod saving;
mod scanning;

use std::{
    io, mem,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use self::saving::Saving;
use super::{
    ContentHash, Gallery, KnownPhotos, Standing, StateFile,
    folder::{Identity, ReadFile},
    known_photos::{Answer, KeepersEnd},
    ledger::{Ledger, Scan},
    looking,
    watch::Watch,
};
use crate::{pack::QualityLimits, workers::Workers};

/// Between two lines of progress, and between two galleries while many photos are looked at.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);
/// Gauge: photos in the gallery, also those that are not searched.
const PHOTOS: &str = "rollcall_gallery_photos";

/// Where known photos come from, and what looks at them.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) folder: PathBuf,
    pub(crate) state: StateFile,
    pub(crate) workers: Workers,
    pub(crate) quality_limits: QualityLimits,
}

/// A look that has ended.
enum Looked {
    Read(String, Result<ReadFile, String>),
    Encoded(ContentHash, Standing),
}

/// Who keeps the known photos.
pub(crate) struct Keeper {
    source: Source,
    /// The folder whose files the ledger has.
    listed: Option<Identity>,
    ledger: Ledger,
    looks: JoinSet<Looked>,
    ends: KeepersEnd,
    /// Who waits until all that was found in the folder is in use.
    reloads: Vec<Answer>,
    saving: Saving,
    publish_at: Instant,
}

impl Keeper {
    /// Looks at every photo of the folder, `side_by_side` at a time, with progress in the log. Only a folder that cannot
    /// be listed is an error.
    pub(crate) async fn load(source: Source, side_by_side: NonZeroUsize) -> io::Result<(Self, KnownPhotos)> {
        let began = Instant::now();
        let (known_photos, ends) = KnownPhotos::new(Arc::default());
        let mut keeper = Self {
            source,
            listed: None,
            ledger: Ledger::default(),
            looks: JoinSet::new(),
            ends,
            reloads: Vec::new(),
            saving: Saving::default(),
            publish_at: began,
        };
        keeper.scan(Scan::Thorough).await?;
        keeper.take_over().await;
        keeper.ledger.begin_at(rand::random::<u32>() as usize);
        keeper.look_at_all(side_by_side.get()).await;
        keeper.publish();
        let gallery = known_photos.gallery();
        let (photos, revision) = (gallery.photos().len(), gallery.revision());
        let duration_ms = began.elapsed().as_millis();
        tracing::info!(photos, gallery.revision = revision, duration_ms, "known people are read");
        Ok((keeper, known_photos))
    }

    async fn look_at_all(&mut self, side_by_side: usize) {
        let mut tell_at = Instant::now() + PROGRESS_EVERY;
        while self.ledger.has_work() {
            self.begin_looks(side_by_side);
            tokio::select! {
                looked = self.looks.join_next() => self.was_looked_at(looked),
                () = self.saving.due() => self.save().await,
            }
            if Instant::now() >= tell_at {
                tell_at = Instant::now() + PROGRESS_EVERY;
                let (read, total) = self.ledger.progress();
                tracing::info!(read, total, "reading known photos");
            }
        }
    }

    /// Keeps the gallery in step with the folder, and makes the changes that are asked for, until `stopping`. New photos
    /// are looked at one at a time: requests go on being answered.
    pub(crate) async fn run(mut self, stopping: CancellationToken) {
        let mut watch = Watch::new(self.source.folder.clone());
        loop {
            self.begin_looks(1);
            self.saving.note(self.ledger.is_unsaved());
            let publish_at = self.publish_at;
            tokio::select! {
                () = stopping.cancelled() => break,
                change = self.ends.changes.recv() => match change {
                    Some(change) => self.change(change).await,
                    // Nobody is left who could ask.
                    None => break,
                },
                looked = self.looks.join_next(), if !self.looks.is_empty() => {
                    self.was_looked_at(looked);
                }
                scan = watch.next() => {
                    let _told = self.scan(scan).await;
                }
                () = self.saving.due() => self.save().await,
                () = sleep_until(publish_at), if self.ledger.has_work() => {
                    self.publish();
                }
            }
            if !self.ledger.has_work() {
                self.publish();
                for answer in mem::take(&mut self.reloads) {
                    let _nobody_waits = answer.send(Ok(self.gallery()));
                }
            }
        }
        self.looks.shutdown().await;
        if self.ledger.is_unsaved() {
            self.save().await;
        }
    }

    /// Does something with the folder where it may block.
    async fn in_folder<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let folder = self.source.folder.clone();
        spawn_blocking(move || work(&folder)).await?
    }

    fn begin_looks(&mut self, side_by_side: usize) {
        while self.looks.len() < side_by_side
            && let Some(name) = self.ledger.next()
        {
            let path = self.source.folder.join(&name);
            self.looks.spawn(async move { Looked::Read(name, looking::read(path).await) });
        }
    }

    fn was_looked_at(&mut self, looked: Option<Result<Looked, tokio::task::JoinError>>) {
        match looked.transpose().expect("a look does not panic: the engine's threads catch their own") {
            Some(Looked::Read(name, Ok(file))) => self.was_read(name, file),
            Some(Looked::Read(name, Err(reason))) => self.ledger.failed(name, reason),
            Some(Looked::Encoded(content_hash, standing)) => self.ledger.was_encoded(content_hash, standing),
            None => {}
        }
        self.saving.note(self.ledger.is_unsaved());
    }

    fn was_read(&mut self, name: String, file: ReadFile) {
        let content_hash = file.record.content_hash;
        if !self.ledger.was_read(name.clone(), file.record) {
            return;
        }
        let Source { workers, quality_limits, .. } = self.source.clone();
        match file.bytes {
            Ok(bytes) => {
                self.looks.spawn(async move {
                    Looked::Encoded(content_hash, looking::look(workers, name, bytes, quality_limits).await)
                });
            }
            Err(too_large) => {
                self.ledger.was_encoded(content_hash, Standing::Found(Err(too_large.to_string())));
            }
        }
    }

    fn gallery(&self) -> Arc<Gallery> {
        Arc::clone(&self.ends.gallery.borrow())
    }

    /// Puts what is known now in use.
    fn publish(&mut self) -> Arc<Gallery> {
        self.publish_at = Instant::now() + PROGRESS_EVERY;
        let (before, gallery) = (self.gallery(), self.ledger.gallery());
        if !Arc::ptr_eq(&before, &gallery) {
            for photo in gallery.photos() {
                if let Some(reason) = &photo.skipped
                    && before.photo(&photo.name) != Some(photo)
                {
                    tracing::warn!(photo = photo.name, reason, "a known photo is not searched");
                }
            }
            if before.revision() != gallery.revision() {
                let (photos, revision) = (gallery.photos().len(), gallery.revision());
                tracing::info!(photos, gallery.revision = revision, "another gallery is in use");
            }
            self.ends.gallery.send_replace(Arc::clone(&gallery));
        }
        #[expect(clippy::cast_precision_loss, reason = "far fewer photos than 2^52")]
        metrics::gauge!(PHOTOS).set(gallery.photos().len() as f64);
        gallery
    }
}

#[cfg(test)]
mod tests;
