//! Which photo may become a known one, under which name, and whom else it looks like. Pure.

use identification::name_of_photo;

use super::{Gallery, GalleryError, Neighbour, error::Faces};
use crate::{
    engine::{
        Embedding, Face,
        quality::{Quality, Shortcoming},
    },
    pack::QualityLimits,
};

/// Bytes of a file's name; what file systems allow.
const LONGEST_NAME: usize = 255;

/// The name of a file that can be stored in the folder and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhotoName(String);

impl PhotoName {
    /// A name of at most 255 bytes without folders and control characters, that is not hidden.
    pub(crate) fn parse(name: String) -> Result<Self, GalleryError> {
        let fault = if name.is_empty() {
            "give it a file name, for instance john_doe.jpg"
        } else if name.len() > LONGEST_NAME {
            "its name has more than 255 bytes"
        } else if name.starts_with('.') {
            "its name begins with a dot: hidden files are no known photos"
        } else if name.contains(['/', '\\']) {
            "its name has a folder in it: give the file name alone"
        } else if name.contains(char::is_control) {
            "its name has a character in it that is not printed"
        } else {
            return Ok(Self(name));
        };
        Err(GalleryError::Name(fault))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is the name of a file in the folder, wherever that came from.
pub(super) fn is_in_folder(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0'])
}

/// The face of a photo that shows one. With several nobody can tell whose name the file bears.
pub(crate) fn only_face(faces: Vec<Face>) -> Result<Face, Faces> {
    match <[_; 1]>::try_from(faces) {
        Ok([face]) => Ok(face),
        Err(faces) if faces.is_empty() => Err(Faces::None),
        Err(faces) => Err(Faces::Several(faces.len())),
    }
}

/// The only face of the photo, if it can be seen well enough that others are compared with it.
pub(crate) fn enrollable_face(faces: Vec<Face>, limits: &QualityLimits) -> Result<Face, GalleryError> {
    let face = only_face(faces)?;
    let missed = face.quality.shortcomings(limits);
    if missed.is_empty() {
        return Ok(face);
    }
    let complaints: Vec<String> =
        missed.into_iter().map(|shortcoming| complaint(shortcoming, &face.quality, limits)).collect();
    Err(GalleryError::LowQuality(complaints.join(", ")))
}

/// What the face lacks, and how much of it is wanted.
fn complaint(shortcoming: Shortcoming, quality: &Quality, limits: &QualityLimits) -> String {
    let numbers = match shortcoming {
        Shortcoming::Small => format!("{} pixels, at least {}", quality.size, limits.size),
        Shortcoming::Blurred => {
            format!("sharpness {:.0}, at least {:.0}", quality.sharpness, limits.sharpness)
        }
        Shortcoming::Dark => format!("brightness {:.0}, at least {:.0}", quality.brightness, limits.darkest),
        Shortcoming::Bright => {
            format!("brightness {:.0}, at most {:.0}", quality.brightness, limits.brightest)
        }
        Shortcoming::Rolled => format!("{:.0} degrees, at most {:.0}", quality.roll.abs(), limits.roll),
        Shortcoming::Averted => format!("{:.0} degrees, at most {:.0}", quality.yaw.abs(), limits.yaw),
    };
    format!("{shortcoming} ({numbers})")
}

/// The photos nearer than `accept` that bear another person's name.
pub(crate) fn resembling<'a>(
    gallery: &'a Gallery,
    face: &Embedding,
    name: &PhotoName,
    accept: f32,
) -> Vec<Neighbour<'a>> {
    let person = name_of_photo(name.as_str());
    // Whatever is nearer than `accept` is within that of the nearest.
    let near = gallery.nearest(face, accept).into_iter();
    near.filter(|near| near.distance < accept && name_of_photo(near.photo) != person).collect()
}

#[cfg(test)]
mod tests;
