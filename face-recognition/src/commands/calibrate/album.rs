//! The photos that are measured with, and whom they show: a folder a person.

use std::{fs, io, path::Path};

use crate::gallery::folder;

/// Folder of the photos of people who have no folder.
const STRANGERS: &str = "_strangers";

/// Whom a photo shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The person with this number.
    Person(usize),
    /// Somebody without a folder.
    Stranger,
}

/// A photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Photo {
    /// Its path below the folder.
    pub(super) path: String,
    pub(super) shows: Shown,
}

/// All photos, in the order of their paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Album {
    /// By number; the names of their folders.
    pub(super) people: Vec<String>,
    pub(super) photos: Vec<Photo>,
    /// Paths of files that are in nobody's folder.
    pub(super) astray: Vec<String>,
}

impl Album {
    /// Of the folders in `root`, links to folders among them. What is hidden, and what lies deeper, is passed over. Names
    /// must be UTF-8, or they could not be told.
    pub(super) fn list(root: &Path) -> io::Result<Self> {
        let mut album = Self::default();
        let mut folders = Vec::new();
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|name| {
                io::Error::other(format!("the name {} is no UTF-8", name.to_string_lossy()))
            })?;
            if name.starts_with('.') {
                continue;
            }
            if fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir()) {
                folders.push(name);
            } else {
                album.astray.push(name);
            }
        }
        folders.sort();
        album.astray.sort();
        for name in folders {
            let shows = if name == STRANGERS {
                Shown::Stranger
            } else {
                album.people.push(name.clone());
                Shown::Person(album.people.len() - 1)
            };
            let mut files = folder::list(&root.join(&name))?;
            files.sort_by(|(one, _), (other, _)| one.cmp(other));
            let photo = |(file, _)| Photo { path: format!("{name}/{file}"), shows };
            album.photos.extend(files.into_iter().map(photo));
        }
        Ok(album)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_is_a_person_and_one_is_all_strangers() {
        let root = tempfile::tempdir().expect("a scratch folder");
        for path in [
            "bob/2.jpg",
            "bob/1.jpg",
            "bob/.hidden.jpg",
            "bob/deeper/3.jpg",
            "_strangers/x.jpg",
            ".trash/y.jpg",
            "alice b./1.png",
            "nobody.jpg",
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
            fs::write(path, "").expect("it can be written");
        }
        fs::create_dir(root.path().join("zoe")).expect("it can be made");

        let album = Album::list(root.path()).expect("it can be read");

        let photo = |path: &str, shows| Photo { path: path.to_owned(), shows };
        let expected = Album {
            people: ["alice b.", "bob", "zoe"].map(str::to_owned).into(),
            photos: vec![
                photo("_strangers/x.jpg", Shown::Stranger),
                photo("alice b./1.png", Shown::Person(0)),
                photo("bob/1.jpg", Shown::Person(1)),
                photo("bob/2.jpg", Shown::Person(1)),
            ],
            astray: vec!["nobody.jpg".to_owned()],
        };
        assert_eq!(album, expected);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let root = tempfile::tempdir().expect("a scratch folder");

        assert!(Album::list(&root.path().join("nowhere")).is_err());
    }
}
