//! `bench`: how long this machine takes for pictures and for the search, as the rows of a table. A figure is the median of
//! its rounds, after one that does not count.

mod pictures;
mod search;

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::time::Instant;

use crate::config::Config;
use crate::engine::picture::{Picture, PictureLimits};
use crate::pack::Pack;

/// What is measured with.
#[derive(Debug, Clone, Args)]
pub struct Bench {
    /// Photo of one face; the pictures that are measured with are made of it.
    #[arg(long)]
    photo: PathBuf,
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
        let pack = Pack::load(&config.model_pack)?;
        let bytes =
            std::fs::read(&self.photo).with_context(|| format!("cannot read {}", self.photo.display()))?;
        let photo = Picture::decode(&bytes, &PictureLimits::default())?;
        pictures::measure(&pictures::Setup {
            pack: &pack,
            config,
            photo: &photo,
            rounds: self.rounds.get(),
        })?;
        search::measure(self.embeddings, self.rounds.get())?;
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
