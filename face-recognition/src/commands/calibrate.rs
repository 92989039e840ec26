//! `calibrate`: how often people would be named rightly and wrongly, measured on a user's own photos, and the thresholds that
//! keep a wanted rate.
//!
//! | module | what |
//! |---|---|
//! | `album` | the photos, and whom they show |
//! | `looking` | from the photos to their faces |
//! | `evaluation` | the searches for them, and what follows |
//! | `table` | the figures as text |
//! | `plot` | the figures as a drawing |
//! | `percent` | rates as people write them |

mod album;
mod evaluation;
mod looking;
mod percent;
mod plot;
mod table;

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use identification::calibration::WantedRate;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use self::{
    album::Album,
    evaluation::{Evaluation, NotMeasured},
    looking::Looks,
};
use crate::{config::Config, pack::Pack};

/// What is measured, and what is done with it.
#[derive(Debug, Clone, Args)]
pub struct Calibrate {
    /// Folder with a folder of photos for each person, and in `_strangers` photos of people who have none.
    folder: PathBuf,
    /// Share of strangers that may be named, for instance `1%` or `0.5%`; `20%` at most.
    #[arg(long, default_value = "1%", value_parser = percent::parse)]
    rate: WantedRate,
    /// File that both rates over the threshold are drawn into, as SVG.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Writes the thresholds below `STATE_DIR`: they count from the service's next start on.
    #[arg(long)]
    write: bool,
}

impl Calibrate {
    /// Measures, and prints the figures, until it is told to stop.
    pub async fn run(&self, config: &Config, stopping: &CancellationToken) -> anyhow::Result<()> {
        let calibrating = stopping.run_until_cancelled(self.calibrate(config));
        calibrating.await.context("told to stop before everything was measured")?
    }

    async fn calibrate(&self, config: &Config) -> anyhow::Result<()> {
        let state = &config.state_dir;
        // Before minutes of work, which would be lost.
        ensure!(!self.write || state.is_dir(), "STATE_DIR is {}, which is no folder", state.display());
        let album = Album::list(&self.folder)
            .with_context(|| format!("the folder {} cannot be read", self.folder.display()))?;
        if album.people.len() < 2 {
            return Err(NotMeasured::TooFewPeople(album.people.len()).into());
        }
        let pack = Pack::load(&config.model_pack)?;
        let Looks { seen, unusable } = looking::look(&self.folder, &album, &pack, config).await?;

        let mut text = String::new();
        table::write_photos(&mut text, &seen, &unusable)?;
        let (model_id, of_pack, wanted) = (pack.manifest.id, pack.manifest.thresholds, self.rate);
        let evaluation =
            spawn_blocking(move || Evaluation::of(&album.people, &seen, model_id, of_pack, wanted)).await?;
        if let Ok(evaluation) = &evaluation {
            let mut figures = String::new();
            table::write_figures(&mut figures, evaluation)?;
            text.insert_str(0, &figures);
        }
        write!(io::stdout().lock(), "{text}")?;
        self.keep(&evaluation?, config)
    }

    /// Draws and writes what is to be kept.
    fn keep(&self, evaluation: &Evaluation, config: &Config) -> anyhow::Result<()> {
        if let Some(file) = &self.plot {
            fs::write(file, plot::svg(evaluation))
                .with_context(|| format!("cannot write the drawing {}", file.display()))?;
        }
        if self.write {
            let calibration = evaluation.calibration()?;
            let state = &config.state_dir;
            let path = calibration
                .write(state)
                .with_context(|| format!("STATE_DIR {} cannot be written", state.display()))?;
            let path = path.display();
            writeln!(
                io::stdout().lock(),
                "\nWritten to {path}: it counts from the next start of the service on."
            )?;
        }
        Ok(())
    }
}
