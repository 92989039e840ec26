//! A path below the image root.
//!
//! A path is meant as if the image root were the root of the file system. One that already lies below the image root
//! is taken as it is: with the root `/photos`, `/a/b.jpg` and `/photos/a/b.jpg` are the same picture.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::{MAX_CHARACTERS, source::Scheme};

/// A path below the image root in normal form: it begins with `/`, and has no `.`, no `..` and no empty part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PicturePath(String);

/// Why a text is no path of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathError {
    /// Nothing but separators.
    #[error("the path is empty: name a picture, for instance /photos/a.jpg")]
    Empty,
    /// No file system stores a NUL.
    #[error("the path holds a NUL character")]
    Nul,
    /// More `..` than folders.
    #[error("the path leads out of the image root: it has more \"..\" than folders")]
    AboveRoot,
    /// Does not fit the database.
    #[error("the path is longer than {MAX_CHARACTERS} characters")]
    TooLong,
    /// Not a file but an address.
    #[error(
        "an http(s):// or s3:// address is no path below the image root: post it to the receiver, which has it fetched"
    )]
    SourceNotSupported,
}

impl PathError {
    /// One word group for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty | Self::Nul | Self::TooLong => "path_malformed",
            Self::AboveRoot => "path_outside_root",
            Self::SourceNotSupported => "source_not_supported",
        }
    }
}

impl PicturePath {
    /// The normal form of what somebody sent.
    pub fn parse(text: &str, image_root: &Path) -> Result<Self, PathError> {
        if text.contains('\0') {
            return Err(PathError::Nul);
        }
        if Scheme::of(text).is_some() {
            return Err(PathError::SourceNotSupported);
        }
        let parts = resolve(text)?;
        let root = image_root.to_str().map(resolve).transpose()?.unwrap_or_default();
        let below = strip_root(&parts, &root);
        if below.is_empty() {
            return Err(PathError::Empty);
        }
        let normal = below.iter().fold(String::new(), |path, part| path + "/" + part);
        if normal.chars().count() > MAX_CHARACTERS {
            return Err(PathError::TooLong);
        }
        Ok(Self(normal))
    }

    /// The normal form, beginning with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same without the `/` at its beginning, for opening it beneath the root.
    #[must_use]
    pub fn relative(&self) -> &Path {
        Path::new(&self.0[1..])
    }

    /// Where the picture is for a program that shares the file system but knows no image root.
    #[must_use]
    pub fn absolute(&self, image_root: &Path) -> PathBuf {
        image_root.join(self.relative())
    }
}

impl fmt::Display for PicturePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The parts of a path after `.`, `..` and doubled separators are resolved.
fn resolve(text: &str) -> Result<Vec<&str>, PathError> {
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(PathError::AboveRoot)?;
            }
            name => parts.push(name),
        }
    }
    Ok(parts)
}

/// Strips the image root as often as it stands there, so that a normal form is its own normal form. The root itself,
/// spelled out, is no picture below it and stays as it is.
fn strip_root<'a, 'b>(parts: &'a [&'b str], root: &[&str]) -> &'a [&'b str] {
    let mut below = parts;
    while !root.is_empty() && below.len() > root.len() && below.starts_with(root) {
        below = &below[root.len()..];
    }
    below
}

#[cfg(test)]
mod tests;
