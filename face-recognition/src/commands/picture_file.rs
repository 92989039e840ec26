//! Pictures that are named on the command line. Blocks.

use std::{fs, path::Path};

use anyhow::Context as _;

use crate::engine::picture::{Picture, PictureLimits};

/// The bytes of the file.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The picture in the file.
pub(super) fn decode(file: &Path) -> anyhow::Result<Picture> {
    Ok(Picture::decode(&read(file)?, &PictureLimits::default())?)
}
