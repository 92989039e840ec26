//! `identify`: who is in pictures, as a table, as JSON, or drawn into the picture.

mod answer;
mod drawing;
mod people;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Args;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use self::answer::Answer;
use self::people::People;
use super::picture_file;
use crate::config::Config;
use crate::engine::picture::Picture;
use crate::error::RecognitionError;
use crate::loading::with_recogniser;
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
        let answers = with_recogniser(config, async |recogniser| self.answers(recogniser).await).await??;
        let text = if self.json { answer::json(&answers)? } else { answer::table(&answers) };
        io::stdout().lock().write_all(text.as_bytes())?;
        let unanswered = answers.iter().filter(|(_, outcome)| outcome.is_err()).count();
        ensure!(unanswered == 0, "{unanswered} of {} pictures have no answer", answers.len());
        Ok(())
    }

    async fn answers(&self, recogniser: &Recogniser) -> anyhow::Result<Vec<(&Path, Result<Answer, String>)>> {
        let people = People::of(recogniser.gallery());
        let mut answers = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let picture = decoded(file).await;
            let outcome = answer(picture.clone(), recogniser, &people).await;
            if let (Some(target), Ok(answer), Ok(picture)) = (&self.draw, &outcome, &picture) {
                drawing::draw(picture, answer, target)?;
            }
            answers.push((file.as_path(), outcome));
        }
        Ok(answers)
    }
}

/// What is said of a picture, or why nothing is.
async fn answer(
    picture: Result<Arc<Picture>, String>,
    recogniser: &Recogniser,
    people: &People,
) -> Result<Answer, String> {
    let source = PictureSource::Pixels(picture?);
    let sighting = recogniser.look(source).await.map_err(|error| error.to_string())?;
    Ok(Answer::new(&sighting, recogniser, people))
}

/// The picture in the file. An error is told beside the file's name.
async fn decoded(file: &Path) -> Result<Arc<Picture>, String> {
    let file = file.to_owned();
    let decoding = spawn_blocking(move || picture_file::decode(&file)).await;
    let picture = decoding.map_err(|_| RecognitionError::DecoderPanicked.to_string())?;
    picture.map(Arc::new).map_err(|error| error.root_cause().to_string())
}
