//! `gallery`: the known photos, listed and changed without a running recogniser; one that runs sees the folder change.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use identification::name_of_photo;
use tokio_util::sync::CancellationToken;

use super::{columns::columns, picture_file};
use crate::config::Config;
use crate::gallery::Gallery;
use crate::gallery::enrolment::PhotoName;
use crate::loading::with_recogniser;
use crate::recogniser::Recogniser;

/// What is done with the known photos.
#[derive(Debug, Clone, Subcommand)]
pub enum GalleryCommand {
    /// Lists them, with the reason why one is not searched.
    List,
    /// Makes a photo a known one, if it shows one face well enough.
    Enrol {
        /// The photo.
        file: PathBuf,
        /// Name to store it under, which also names the person: `john_doe_2.jpg` is John Doe; the file's own when absent.
        #[arg(long)]
        name: Option<String>,
    },
    /// Removes a known photo: its file, and what was found in it.
    Forget {
        /// Its file name.
        photo: String,
    },
}

impl GalleryCommand {
    /// Does it and says what is known now.
    pub async fn run(&self, config: &Config, stopping: &CancellationToken) -> anyhow::Result<()> {
        let working = with_recogniser(config, async |recogniser| self.carry_out(recogniser).await);
        let done = stopping.run_until_cancelled(working).await.context("told to stop before it was done")?;
        io::stdout().lock().write_all(done??.as_bytes())?;
        Ok(())
    }

    async fn carry_out(&self, recogniser: &Recogniser) -> anyhow::Result<String> {
        match self {
            Self::List => Ok(list(&recogniser.gallery())),
            Self::Enrol { file, name } => {
                let name = match name {
                    Some(name) => name.clone(),
                    None => file_name(file)?,
                };
                let photo = PhotoName::parse(name.clone())?;
                let enrolled = recogniser.enrol(photo, picture_file::read(file)?).await?;
                let known = format!("{name} is known now, as a photo of {}\n", name_of_photo(&name));
                let resembling = enrolled.resembling().into_iter().map(|near| {
                    let who = name_of_photo(near.photo);
                    format!("it looks like {who} ({}, distance {:.3})\n", near.photo, near.distance)
                });
                Ok(known + &resembling.collect::<String>())
            }
            Self::Forget { photo } => {
                recogniser.known_photos.forget(photo.clone()).await?;
                Ok(format!("{photo} is forgotten\n"))
            }
        }
    }
}

fn file_name(file: &Path) -> anyhow::Result<String> {
    let name = file.file_name().and_then(|name| name.to_str());
    Ok(name
        .with_context(|| format!("{} has no name that can be stored: give --name", file.display()))?
        .to_owned())
}

fn list(gallery: &Gallery) -> String {
    let mut rows = vec![["PHOTO", "PERSON", "SEARCHED"].map(str::to_owned)];
    rows.extend(gallery.photos().iter().map(|photo| {
        let searched =
            photo.skipped.as_ref().map_or_else(|| "yes".to_owned(), |reason| format!("no: {reason}"));
        [photo.name.clone(), name_of_photo(&photo.name), searched]
    }));
    columns(&rows) + &format!("revision {}\n", gallery.revision())
}
