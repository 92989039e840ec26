//! Finds the pictures below a folder, without following links. Thumbnails are not among them.

use std::{
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
};

use picture_path::thumbnail;
use tokio::{
    sync::mpsc::{self, error::SendError},
    task::JoinHandle,
};

/// How the names of pictures end that the recogniser reads, in any case.
const ENDINGS: [&str; 8] = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"];
/// Files that are found and not yet taken.
const WAITING_AT_MOST: usize = 1_000;

/// A picture, or why a part of the folder could not be searched.
pub(super) type Found = Result<PathBuf, String>;

/// Starts to search on a thread for blocking work. It ends with the folder, or when nobody takes what it finds.
pub(super) fn start(folder: PathBuf) -> (mpsc::Receiver<Found>, JoinHandle<()>) {
    let (found, files) = mpsc::channel(WAITING_AT_MOST);
    // An error means that nobody listens any more.
    let search = move || drop(search(folder, &found));
    (files, tokio::task::spawn_blocking(search))
}

/// Folders wait on a stack of their own: the deepest tree does not overflow ours.
fn search(folder: PathBuf, found: &mpsc::Sender<Found>) -> Result<(), SendError<Found>> {
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        let unreadable = |error: io::Error| Err(format!("{}: {error}", folder.display()));
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                found.blocking_send(unreadable(error))?;
                continue;
            }
        };
        for entry in entries {
            match entry.and_then(|entry| Ok((kind(&entry)?, entry))) {
                Ok((Kind::Folder, entry)) => folders.push(entry.path()),
                Ok((Kind::Picture, entry)) => found.blocking_send(Ok(entry.path()))?,
                Ok((Kind::Other, _)) => {}
                Err(error) => found.blocking_send(unreadable(error))?,
            }
        }
    }
    Ok(())
}

enum Kind {
    Folder,
    Picture,
    Other,
}

/// The kind of an entry itself, and not of what it links to.
fn kind(entry: &DirEntry) -> io::Result<Kind> {
    let kind = entry.file_type()?;
    Ok(match kind {
        _ if kind.is_dir() && entry.file_name() == thumbnail::FOLDER => Kind::Other,
        _ if kind.is_dir() => Kind::Folder,
        _ if kind.is_file() && is_picture(&entry.path()) => Kind::Picture,
        _ => Kind::Other,
    })
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}
