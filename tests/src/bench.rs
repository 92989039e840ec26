//! Measuring the pipeline with real parts in a scratch folder, for docs/PERFORMANCE.md (`make bench`).
//!
//! | module | what |
//! |---|---|
//! | `posts`, `batches` | how fast images are taken in |
//! | `pages` | how long a page of a list takes |
//! | `pipeline` | how fast they are worked through when recognising costs nothing |
//! | `browsers` | what many open pages cost, and how soon they hear of a change |
//! | `recognition` | how long a picture takes with the real recogniser |
//! | `recogniser` | the engine by itself; when the recogniser is ready, and what memory it has |
//! | `rig` | the stack that is measured, without the parts that a measurement does not need |
//! | `fill` | makes a database in which a million images are already |
//! | `connection` | the light HTTP client that measures |
//! | `figures` | medians and percentiles |
//! | `usage` | processor time and memory of the parts |
//! | `report` | the table that is printed |

mod batches;
mod browsers;
mod connection;
mod figures;
mod fill;
mod pages;
mod pipeline;
mod posts;
mod recogniser;
mod recognition;
mod report;
mod rig;
mod usage;

use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};

use crate::installed::Installed;

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// One image a request, from several clients at once; no worker runs.
    Posts,
    /// Many images a request; no worker runs.
    Batches,
    /// Pages of a list under each kind of filter, with a full database; no worker runs.
    Pages,
    /// Many images from the post to the last result, with a recogniser that answers at once.
    Pipeline,
    /// Many open pages that follow what happens.
    Browsers,
    /// Small pictures, one at a time, with the real recogniser.
    SmallPicture,
    /// The sample picture, one at a time and two hundred at once, with the real recogniser.
    Pictures,
    /// The engine by itself: pictures of several sizes, and the search.
    Engine,
    /// The recogniser by itself: its start with many known photos, and its memory.
    Recogniser,
}

/// What to measure, and how long.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Parts to measure; all of them when none is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Images that are in the database already, for the figures of a full one; 0 leaves those out.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Rounds that count, after one that does not. A figure is the median of its rounds.
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u32).range(1..))]
    rounds: u32,
    /// Clients that post single images at the same time.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 16])]
    clients: Vec<u32>,
    /// Length of one round of posts.
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u64).range(1..))]
    seconds: u64,
    /// Images of one request in batches and in the pipeline.
    #[arg(long, default_value_t = 10_000, value_parser = value_parser!(u32).range(1..=10_000))]
    images: u32,
    /// Known photos of the recogniser.
    #[arg(long, default_value_t = 10_000)]
    known_photos: usize,
    /// Images that the worker of the pipeline has in work at the same time.
    #[arg(long, default_value_t = 64, value_parser = value_parser!(u32).range(1..))]
    concurrency: u32,
}

impl Settings {
    fn round(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// Measures and prints.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let installed = Installed::find()?;
    report::head();
    let all = Part::value_variants();
    for part in if settings.parts.is_empty() { all } else { &settings.parts } {
        match part {
            Part::Posts => posts::measure(settings, &installed).await?,
            Part::Batches => batches::measure(settings, &installed).await?,
            Part::Pages => pages::measure(settings, &installed).await?,
            Part::Pipeline => pipeline::measure(settings, &installed).await?,
            Part::Browsers => browsers::measure(&installed).await?,
            Part::SmallPicture => recognition::small_picture(&installed).await?,
            Part::Pictures => recognition::pictures(&installed).await?,
            Part::Engine => recogniser::engine(&installed)?,
            Part::Recogniser => recogniser::measure(&installed, settings.known_photos).await?,
        }
    }
    Ok(())
}
