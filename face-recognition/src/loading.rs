//! From a configuration to a loaded recogniser: the models, the threads that run them, the known people.

use std::path::Path;

use anyhow::Context as _;
use pictures::PictureRoot;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::{
    calibration,
    config::Config,
    gallery::{Keeper, Source, StateFile},
    pack::{Manifest, Pack},
    recogniser::Recogniser,
    state_dir, whole_file,
    workers::{Threads, Workers},
};

/// Everything that is loaded, and who owns what runs.
pub(crate) struct Loaded {
    pub(crate) recogniser: Recogniser,
    /// Is to be run, or the known photos never change.
    pub(crate) keeper: Keeper,
    /// Are to be joined, when the recogniser and the keeper are gone.
    pub(crate) threads: Threads,
}

impl Loaded {
    /// Loads models and known people. Pictures are opened below `image_root`.
    pub(crate) async fn load(config: &Config, image_root: &Path) -> anyhow::Result<Self> {
        let loading = spawn_blocking({
            let (config, image_root) = (config.clone(), image_root.to_owned());
            move || {
                whole_file::remove_left_behind(&config.known_people);
                state_dir::remove_left_behind(&config.state_dir);
                load_models(&config, &image_root)
            }
        });
        let (pack, workers, threads) = loading.await??;
        // Never more than may wait: a photo is not to be refused by its own kind.
        let side_by_side = config.worker_count().min(config.queue);
        let Manifest { id: model_id, quality: quality_limits, thresholds, embedder, .. } = pack.manifest;
        let state = StateFile::open(&config.state_dir, &model_id, embedder.dimension as usize)
            .with_context(|| format!("STATE_DIR {} cannot be written", config.state_dir.display()))?;
        let folder = config.known_people.clone();
        let source = Source { folder, state, workers: workers.clone(), quality_limits };
        let (keeper, known_photos) = Keeper::load(source, side_by_side)
            .await
            .with_context(|| format!("KNOWN_PEOPLE {} cannot be read", config.known_people.display()))?;
        let thresholds = calibration::thresholds(&config.state_dir, &model_id, thresholds);
        let recogniser = Recogniser { workers, known_photos, model_id, quality_limits, thresholds };
        Ok(Self { recogniser, keeper, threads })
    }
}

/// Loads everything for one command, has it do its work, and ends all in order; what was found in known photos is kept.
/// Only pictures themselves can be looked at, and no paths.
pub(crate) async fn with_recogniser<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Recogniser) -> T,
) -> anyhow::Result<T> {
    let Loaded { recogniser, keeper, threads } = Loaded::load(config, Path::new(".")).await?;
    let done = CancellationToken::new();
    let working = async {
        let outcome = work(&recogniser).await;
        done.cancel();
        outcome
    };
    let (outcome, ()) = tokio::join!(working, keeper.run(done.clone()));
    drop(recogniser);
    spawn_blocking(|| threads.join()).await?;
    Ok(outcome)
}

fn load_models(config: &Config, image_root: &Path) -> anyhow::Result<(Pack, Workers, Threads)> {
    let pack = Pack::load(&config.model_pack)?;
    let root = PictureRoot::open(image_root)
        .with_context(|| format!("{} cannot be opened", image_root.display()))?;
    let (workers, threads) = Workers::start(
        &pack,
        &config.onnx_runtime,
        config.engine_options(),
        root,
        config.worker_count(),
        config.queue,
    )?;
    tracing::info!(model = pack.manifest.id, workers = config.worker_count(), "the models are loaded");
    Ok((pack, workers, threads))
}
