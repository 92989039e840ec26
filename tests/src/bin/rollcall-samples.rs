//! Puts known people and pictures to try where a deployment of Rollcall looks for them.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use rollcall_tests::samples;

/// Provides samples. A folder that holds anything is left alone.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of the sample photos.
    #[arg(long)]
    photos: PathBuf,
    /// Folder that paths of pictures are looked up below.
    #[arg(long, env = "IMAGE_ROOT", default_value = "/images")]
    image_root: PathBuf,
    /// Folder of the known photos.
    #[arg(long, env = "KNOWN_PEOPLE", default_value = "/known_people")]
    known_people: PathBuf,
}

#[expect(clippy::print_stderr, reason = "the terminal is the interface of this program")]
fn main() -> ExitCode {
    let Arguments { photos, image_root, known_people } = Arguments::parse();
    match samples::provide(&photos, &image_root, &known_people) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollcall-samples: {error:#}");
            ExitCode::FAILURE
        }
    }
}
