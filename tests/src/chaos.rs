//! Faults under load (`make chaos`): real processes, a steady stream of new pictures, one fault after the other, and at
//! the end an audit of what became of every picture that was accepted. docs/RELIABILITY.md has the promise.
//!
//! | module | what |
//! |---|---|
//! | `form` | how hard and how long |
//! | `site` | the stack that the faults happen to, with a gate in each kind of connection |
//! | `load` | posts pictures until they are accepted |
//! | `faults` | each fault, and the table that has them all |
//! | `recovery` | how long it takes until all is as before |
//! | `experiment` | one run from the first fault to the audit |
//! | [`audit`] | what the tables say, held against the promise |
//! | `backlog` | many images that wait for the first worker |
//! | `memory` | how much memory each process has |

pub mod audit;
mod backlog;
mod experiment;
mod faults;
mod form;
mod load;
mod memory;
mod recovery;
mod site;

use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};

pub use experiment::Outcome;
pub use form::{Form, Length};

use crate::installed::Installed;
use site::Recogniser;

/// New pictures a second that the real recogniser has no trouble with on two cores, beside everything else.
const REAL_RATE: u32 = 4;

/// What can be run by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Every fault, with a recogniser that keeps to a script.
    Faults,
    /// The short selection, or the named faults, with the real recogniser and at a lower rate; without those that need a
    /// script.
    RealRecogniser,
    /// Many images that are posted before the first worker starts.
    Backlog,
}

/// What to run, and how long.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Parts to run; all of them when none is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Only the fault with this name; may be given several times.
    #[arg(long)]
    only: Vec<String>,
    /// Holds each fault for so many seconds instead of its own time.
    #[arg(long)]
    seconds: Option<u64>,
    /// New pictures a second.
    #[arg(long, default_value_t = 50, value_parser = value_parser!(u32).range(1..=1_000))]
    rate: u32,
    /// Images of the backlog.
    #[arg(long, default_value_t = 100_000)]
    images: usize,
    /// Names the faults and ends.
    #[arg(long)]
    list: bool,
}

/// Runs the parts and prints what happens. An error when anything is not as promised.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let hold = settings.seconds.map(Duration::from_secs);
    let form = Form { hold, only: settings.only.clone(), ..Form::whole(settings.rate) };
    if settings.list {
        for planned in faults::table(&form) {
            print(&planned.fault.name());
        }
        return Ok(());
    }
    let installed = Installed::find()?;
    let all = Part::value_variants();
    let mut broken = 0;
    for part in if settings.parts.is_empty() { all } else { &settings.parts } {
        let outcome = match part {
            Part::Faults => Box::pin(experiment::run(&installed, &form, Recogniser::Scripted, print)).await?,
            Part::RealRecogniser => {
                let length = if form.only.is_empty() { Length::Short } else { form.length };
                let form = Form { rate: form.rate.min(REAL_RATE), length, concurrency: 4, ..form.clone() };
                Box::pin(experiment::run(&installed, &form, Recogniser::Real, print)).await?
            }
            Part::Backlog => backlog::run(&installed, settings.images, print).await?,
        };
        let Outcome { accepted, violations } = outcome;
        broken += violations.len();
        let verdict = match violations.as_slice() {
            [] => format!("audit: {accepted} images were accepted, each has its one result"),
            violations => format!("audit: {accepted} images were accepted\n{}", violations.join("\n")),
        };
        print(&verdict);
    }
    anyhow::ensure!(broken == 0, "the promise was not kept");
    Ok(())
}

/// The form of a few minutes, with a recogniser that keeps to a script. `say` hears what happens.
pub async fn run_short(say: impl Fn(&str)) -> anyhow::Result<Outcome> {
    Box::pin(experiment::run(&Installed::find()?, &Form::short(), Recogniser::Scripted, say)).await
}

#[expect(clippy::print_stdout, reason = "the terminal is the interface of this program")]
fn print(line: &str) {
    println!("{line}");
}
