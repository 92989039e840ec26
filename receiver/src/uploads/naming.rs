//! Where an uploaded picture lies below the image root: by its content, with the name that its owner knows it by. Pure.

use crate::{file_slug::slug, picture_format::PictureFormat};

/// The folder of all uploads.
pub(super) const FOLDER: &str = "uploads";
/// Hexadecimal digits of the hash in a name.
const DIGITS: usize = 16;
/// Of what is left of the client's name.
const LONGEST: usize = 80;

/// The places that the same content may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Of the 256 folders.
    pub(super) folder: String,
    /// What the names of all files with this content begin with.
    pub(super) prefix: String,
    /// The file's name.
    pub(super) name: String,
}

impl Place {
    /// `name` is what the client calls it; its ending is that of the content.
    pub(super) fn of(hash: &[u8; 32], name: Option<&str>, format: PictureFormat) -> Self {
        let digits = hex::encode(hash);
        let name = name.unwrap_or_default();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let stem = Some(slug(stem, LONGEST)).filter(|stem| !stem.is_empty());
        let stem = stem.unwrap_or_else(|| "picture".to_owned());
        let prefix = format!("{}-", &digits[..DIGITS]);
        Self {
            folder: digits[..2].to_owned(),
            name: format!("{prefix}{stem}.{}", format.extension()),
            prefix,
        }
    }

    /// Another place, for content that only begins with the same digits as another one's.
    pub(super) fn beside(&self, hash: &[u8; 32]) -> String {
        let stem = self.name.strip_prefix(&self.prefix).unwrap_or(&self.name);
        format!("{}-{stem}", hex::encode(hash))
    }
}

/// Whether a path below the image root is one of an upload.
pub(crate) fn is_upload(path: &str) -> bool {
    let below = path.strip_prefix('/').and_then(|path| path.strip_prefix(FOLDER));
    below.is_some_and(|below| below.starts_with('/'))
}

/// A path below the image root.
pub(super) fn path(folder: &str, name: &str) -> String {
    format!("/{FOLDER}/{folder}/{name}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use picture_path::PicturePath;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_picture_is_called_by_its_content_and_what_is_left_of_its_name() {
        let table = [
            (Some("Holiday 2024.JPG"), "abababababababab-holiday_2024.png"),
            (Some("C:\\Users\\Ann\\a.jpeg"), "abababababababab-a.png"),
            (Some("../../etc/passwd"), "abababababababab-passwd.png"),
            (Some("<script>.png"), "abababababababab-script.png"),
            (Some("写真.jpg"), "abababababababab-picture.png"),
            (Some(""), "abababababababab-picture.png"),
            (None, "abababababababab-picture.png"),
        ];
        for (name, expected) in table {
            let place = Place::of(&[0xab; 32], name, PictureFormat::Png);
            assert_eq!((place.folder.as_str(), place.name.as_str()), ("ab", expected), "{name:?}");
            assert!(place.name.starts_with(&place.prefix));
            assert!(!place.beside(&[0xab; 32]).starts_with(&place.prefix));
        }
    }

    proptest! {
        #[test]
        fn whatever_it_is_called_its_place_is_a_path_below_the_root(hash: [u8; 32], name: String) {
            let place = Place::of(&hash, Some(&name), PictureFormat::Jpeg);

            let path = path(&place.folder, &place.name);

            let normal = PicturePath::parse(&path, Path::new("/images")).expect("a path");
            prop_assert_eq!(normal.as_str(), path);
            prop_assert!(place.name.len() < 110);
        }
    }
}
