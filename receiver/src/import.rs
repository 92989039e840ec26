//! The command `import`: posts every picture below a folder, as if somebody had posted their paths.
//!
//! Which file is a picture is told by the end of its name; nothing is opened. Running it again is harmless: paths that
//! are known already stay as they are.

mod walk;

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use picture_path::PicturePath;
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{connect, end_of},
    config::Config,
    posting::GROUP_AT_MOST,
    publisher::{self, Publisher},
    store::{Post, Store},
};

const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// What became of the pictures so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    posted: usize,
    known: usize,
    rejected: usize,
}

/// Posts every picture below `folder` until all are posted or the process is told to stop.
pub async fn run(config: &Config, folder: &Path, stopping: CancellationToken) -> anyhow::Result<()> {
    let roots = Roots::resolve(folder, &config.image_root)?;
    let pool = config.database.lazy_pool()?;
    let store = Store::new(pool.clone());
    let producer = connect(config)?;
    let (publisher, publishing) = publisher::start(store.clone(), producer.clone());

    let mut import = Import::new(store, publisher);
    let (found, walking) = walk::start(roots.folder.clone());
    let imported = import.all(found, &roots.image_root, &stopping).await;
    let tally = import.tally;
    drop(import);
    let walked = walking.await;
    end_of([publishing]).await;
    producer.close().await;
    pool.close().await;

    tally.print()?;
    imported?;
    walked.context("the search for pictures broke off")?;
    anyhow::ensure!(!stopping.is_cancelled(), "told to stop before the end: run it again for the rest");
    anyhow::ensure!(tally.rejected == 0, "{} were rejected; the lines above say why", tally.rejected);
    Ok(())
}

/// The two folders, as the system names them.
struct Roots {
    folder: PathBuf,
    image_root: PathBuf,
}

impl Roots {
    fn resolve(folder: &Path, image_root: &Path) -> anyhow::Result<Self> {
        let real = |name: &str, path: &Path| {
            path.canonicalize().with_context(|| format!("{name} {} cannot be found", path.display()))
        };
        let roots = Self { folder: real("the folder", folder)?, image_root: real("IMAGE_ROOT", image_root)? };
        anyhow::ensure!(roots.folder.is_dir(), "{} is no folder", roots.folder.display());
        anyhow::ensure!(
            roots.folder.starts_with(&roots.image_root),
            "{} does not lie below IMAGE_ROOT, which is {}: the recogniser could not open its pictures",
            roots.folder.display(),
            roots.image_root.display()
        );
        Ok(roots)
    }
}

struct Import {
    store: Store,
    publisher: Publisher,
    tally: Tally,
    next_progress: Instant,
}

impl Import {
    fn new(store: Store, publisher: Publisher) -> Self {
        Self { store, publisher, tally: Tally::default(), next_progress: Instant::now() }
    }

    async fn all(
        &mut self,
        mut found: mpsc::Receiver<walk::Found>,
        image_root: &Path,
        stopping: &CancellationToken,
    ) -> anyhow::Result<()> {
        let mut files = Vec::new();
        loop {
            tokio::select! {
                biased;
                () = stopping.cancelled() => return Ok(()),
                count = found.recv_many(&mut files, GROUP_AT_MOST.get()) => if count == 0 { return Ok(()) },
            }
            let posts: Vec<Post> =
                files.drain(..).filter_map(|found| self.post_of(found, image_root)).collect();
            self.post(&posts).await?;
            self.show_progress();
        }
    }

    /// What is to be posted for a file. The path is below the root by its place, so no root is to be stripped from it.
    fn post_of(&mut self, found: walk::Found, image_root: &Path) -> Option<Post> {
        let path = found.and_then(|file| {
            let below = file.strip_prefix(image_root).expect("what is found lies below the folder");
            let text = below.to_str().ok_or_else(|| format!("{}: the name is not UTF-8", file.display()))?;
            PicturePath::parse(&format!("/{text}"), Path::new("/"))
                .map_err(|error| format!("{}: {error}", file.display()))
        });
        match path {
            Ok(path) => Some(Post::new(path, None, false)),
            Err(reason) => {
                tracing::warn!("rejected {reason}");
                self.tally.rejected += 1;
                None
            }
        }
    }

    async fn post(&mut self, posts: &[Post]) -> anyhow::Result<()> {
        let committed = self.store.accept_all(posts).await.context("the pictures could not be stored")?;
        let created = committed.accepted.iter().filter(|accepted| accepted.created).count();
        self.tally.posted += created;
        self.tally.known += committed.accepted.len() - created;
        self.publisher.room(committed.announcements.len()).await;
        self.publisher.announce(committed.announcements);
        Ok(())
    }

    fn show_progress(&mut self) {
        if Instant::now() >= self.next_progress {
            self.next_progress = Instant::now() + PROGRESS_EVERY;
            let Tally { posted, known, rejected } = self.tally;
            tracing::info!(posted, known, rejected, "pictures are imported");
        }
    }
}

impl Tally {
    fn print(self) -> std::io::Result<()> {
        let Self { posted, known, rejected } = self;
        writeln!(std::io::stdout(), "{posted} posted, {known} already known, {rejected} rejected")
    }
}

#[cfg(test)]
mod tests;
