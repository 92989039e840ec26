//! `identify`: who is in pictures, as a table, as JSON, or drawn into the picture.

mod answer;
mod drawing;
mod people;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use self::answer::Answer;
use self::people::People;
use crate::config::Config;
use crate::engine::picture::{Picture, PictureLimits};
use crate::loading::Loaded;
use crate::recogniser::Recogniser;
use crate::workers::PictureSource;

/// Which pictures, and how the answer is given.
#[derive(Debug, Clone, Args)]
pub struct Identify {
    /// The pictures.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Gives one JSON array instead of a table, with everything that is known of each face.
    #[arg(long)]
    json: bool,
    /// File that gets the picture with boxes and names, in PNG; for one picture.
    #[arg(long, value_name = "FILE")]
    draw: Option<PathBuf>,
}

impl Identify {
    /// Looks at the pictures one after the other and prints the answers, until it is told to stop. A picture without an
    /// answer is told with the reason, and makes the command fail in the end.
    pub async fn run(&self, config: &Config, stopping: &CancellationToken) -> anyhow::Result<()> {
        let identifying = stopping.run_until_cancelled(self.identify(config));
        identifying.await.context("told to stop before every picture was looked at")?
    }

    async fn identify(&self, config: &Config) -> anyhow::Result<()> {
        ensure!(self.draw.is_none() || self.files.len() == 1, "--draw is for one picture");
        // No path of a picture is asked for: the bytes are sent.
        let Loaded { recogniser, keeper, threads } = Loaded::load(config, Path::new(".")).await?;
        let people = People::of(recogniser.gallery());
        let mut answers = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let outcome = look(file, &recogniser, &people).await;
            if let (Some(target), Ok(answer)) = (&self.draw, &outcome) {
                drawing::draw(&decoded(file)?, answer, target)?;
            }
            answers.push((file.as_path(), outcome));
        }
        drop((recogniser, keeper));
        spawn_blocking(|| threads.join()).await?;

        let text = if self.json { answer::json(&answers)? } else { answer::table(&answers) };
        io::stdout().lock().write_all(text.as_bytes())?;
        let unanswered = answers.iter().filter(|(_, outcome)| outcome.is_err()).count();
        ensure!(unanswered == 0, "{unanswered} of {} pictures have no answer", answers.len());
        Ok(())
    }
}

async fn look(file: &Path, recogniser: &Recogniser, people: &People) -> Result<Answer, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let sighting = recogniser.look(PictureSource::Bytes(bytes)).await.map_err(|error| error.to_string())?;
    Ok(Answer::new(&sighting, recogniser, people))
}

fn decoded(file: &Path) -> anyhow::Result<Picture> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Picture::decode(&bytes, &PictureLimits::default())?)
}
