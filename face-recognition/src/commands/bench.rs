//! `bench`: how long this machine takes for pictures and for the search, as the rows of a table. A figure is the median of
//! its rounds, after one that does not count.

mod packs;
mod pictures;
mod search;

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use super::picture_file;
use crate::config::Config;
use crate::pack::Pack;

/// What is measured with.
#[derive(Debug, Clone, Args)]
pub struct Bench {
    /// Photo of one face; the pictures that are measured with are made of it. With `--against`, all the photos that the packs
    /// are compared on.
    #[arg(long, required = true, num_args = 1..)]
    photo: Vec<PathBuf>,
    /// Folder of another model pack to compare `MODEL_PACK` with, instead of the other figures.
    #[arg(long, value_name = "FOLDER")]
    against: Option<PathBuf>,
    /// Rounds that count.
    #[arg(long, default_value = "9")]
    rounds: NonZeroUsize,
    /// Embeddings that are searched, each of 128 numbers.
    #[arg(long, default_value_t = 1_000_000)]
    embeddings: usize,
}

impl Bench {
    /// Measures everything and prints it line by line.
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let (pack, rounds) = (Pack::load(&config.model_pack)?, self.rounds.get());
        if let Some(folder) = &self.against {
            let packs = [&pack, &Pack::load(folder)?];
            return packs::Comparison { packs, photos: &self.photo, config, rounds }.measure();
        }
        let photo = picture_file::decode(&self.photo[0])?;
        pictures::measure(&pictures::Setup { pack: &pack, config, photo: &photo, rounds })?;
        search::measure(self.embeddings, rounds)?;
        Ok(())
    }
}

/// Prints one row.
fn row(what: &str, figure: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "| {what} | {figure} |")
}

/// The median time of one call, after one that does not count.
fn median_time<E>(rounds: usize, mut call: impl FnMut() -> Result<(), E>) -> Result<Duration, E> {
    call()?;
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let began = Instant::now();
        call()?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times[rounds / 2])
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
