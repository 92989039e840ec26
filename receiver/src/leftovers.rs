//! What lies below the image root because of a picture, and goes with its image: the file that was uploaded, or the
//! thumbnail of one that was fetched. Everything else there belongs to somebody else.

use std::{
    io,
    path::{Path, PathBuf},
};

use cap_std::{ambient_authority, fs::Dir};
use picture_path::{PictureSource, thumbnail};
use tokio::task::spawn_blocking;

use crate::uploads::is_upload;

/// Removes what is left of a picture whose image is gone. What cannot be removed is logged and harms nobody.
pub(crate) async fn remove(image_root: &Path, path: &str) {
    let places = places(path);
    let root = image_root.to_owned();
    let removed = spawn_blocking(move || places.iter().try_for_each(|place| remove_file(&root, place))).await;
    match removed {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, path, "a deleted picture's file could not be removed"),
        Err(error) => tracing::error!(%error, path, "removing a deleted picture's file ended badly"),
    }
}

/// The files that a picture left, below the image root. Pure.
fn places(path: &str) -> Vec<PathBuf> {
    // The column holds normal forms, of which none is taken for a path with the image root before it.
    let Ok(source) = PictureSource::parse(path, Path::new("/")) else { return Vec::new() };
    let upload = is_upload(path).then(|| PathBuf::from(path.trim_start_matches('/')));
    upload.into_iter().chain([thumbnail::place(&source.hash())]).collect()
}

fn remove_file(root: &Path, place: &Path) -> io::Result<()> {
    let removed = Dir::open_ambient_dir(root, ambient_authority()).and_then(|root| root.remove_file(place));
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(root: &Path, place: &Path) -> anyhow::Result<PathBuf> {
        let file = root.join(place);
        fs::create_dir_all(file.parent().expect("it lies in a folder"))?;
        fs::write(&file, "x")?;
        Ok(file)
    }

    #[tokio::test]
    async fn an_upload_and_a_thumbnail_go_and_the_files_of_others_stay() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let root = root.path();
        let address = "https://example.org/uploads/a.jpg";
        let hash = PictureSource::parse(address, root)?.hash();
        let thumbnail = write(root, &thumbnail::place(&hash))?;
        let upload = write(root, Path::new("uploads/ab/abcd-a.jpg"))?;
        let others =
            [write(root, Path::new("photos/uploads/a.jpg"))?, write(root, Path::new("uploads.jpg"))?];

        for path in ["/uploads/ab/abcd-a.jpg", address, "/photos/uploads/a.jpg", "/uploads.jpg", "/gone.jpg"]
        {
            remove(root, path).await;
        }

        assert_eq!((upload.exists(), thumbnail.exists()), (false, false));
        assert!(others.iter().all(|file| file.exists()));
        Ok(())
    }

    #[tokio::test]
    async fn nothing_is_removed_through_a_link_that_leads_out() -> anyhow::Result<()> {
        let (root, elsewhere) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let theirs = write(elsewhere.path(), Path::new("a.jpg"))?;
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join("uploads"))?;

        remove(root.path(), "/uploads/a.jpg").await;

        assert!(theirs.exists());
        Ok(())
    }
}
