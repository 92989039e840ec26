//! A face becomes a photo of its own, cut out of the picture that it was found in, or of that one's thumbnail.

use std::{path::PathBuf, sync::Arc, thread::available_parallelism};

use picture_path::{PicturePath, PictureSource, thumbnail};
use pictures::{PictureError, PictureLimits, PictureRoot, ReadError};
use renditions::{Area, Portrait};
use thiserror::Error;
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::store::PicturedFace;

/// Why there is no photo.
#[derive(Debug, Error)]
pub(crate) enum FacePhotoError {
    #[error("the folder of pictures cannot be opened: see IMAGE_ROOT of the receiver")]
    NoFolder,
    #[error("the path of the picture is none any more: post the picture anew")]
    NoPath,
    #[error("the picture that the face is in cannot be read: {0}")]
    Read(#[from] ReadError),
    #[error("the picture that the face is in cannot be read: {0}")]
    Picture(#[from] PictureError),
    #[error("cutting a face out panicked")]
    Panicked,
}

/// Cuts faces out, as many at once as there are cores; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct FacePhotos {
    image_root: Arc<PathBuf>,
    turn: Arc<Semaphore>,
}

impl FacePhotos {
    pub(crate) fn new(image_root: Arc<PathBuf>) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self { image_root, turn: Arc::new(Semaphore::new(cores)) }
    }

    /// The face as a JPEG, with what is around it and without other faces.
    pub(crate) async fn make(&self, face: PicturedFace) -> Result<Vec<u8>, FacePhotoError> {
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let root = Arc::clone(&self.image_root);
        let made = spawn_blocking(move || {
            // Held until it is made, although nobody waits for it any more.
            let _turn = turn;
            let path = match PictureSource::parse(&face.path, &root).map_err(|_| FacePhotoError::NoPath)? {
                PictureSource::File(path) => path,
                source @ (PictureSource::Web(_) | PictureSource::Object(_)) => {
                    let place = thumbnail::place(&source.hash());
                    PicturePath::parse(&place.to_string_lossy(), &root).map_err(|_| FacePhotoError::NoPath)?
                }
            };
            let folder = PictureRoot::open(&root).map_err(|_| FacePhotoError::NoFolder)?;
            let bytes = folder.read(&path, PictureLimits::default().bytes)?;
            let portrait = Portrait {
                area: area(face.bounds),
                others: face.others.iter().copied().map(area).collect(),
                of: face.size,
            };
            Ok(portrait.make(&bytes)?)
        });
        made.await.unwrap_or(Err(FacePhotoError::Panicked))
    }
}

fn area((left, top, width, height): (i32, i32, u32, u32)) -> Area {
    Area { left, top, width, height }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{ImageFormat, RgbImage, load_from_memory};

    use super::*;

    fn face(path: &str, size: Option<(u32, u32)>) -> PicturedFace {
        PicturedFace { path: path.to_owned(), size, bounds: (40, 40, 20, 20), others: vec![(0, 0, 5, 5)] }
    }

    fn write_picture(path: &std::path::Path, side: u32) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let picture = RgbImage::from_fn(side, side, |column, _| image::Rgb([u8::from(column > 9) * 200; 3]));
        picture.save_with_format(path, ImageFormat::Png).expect("a small picture");
    }

    #[tokio::test]
    async fn a_face_is_cut_out_of_its_picture_or_of_the_thumbnail_of_one_that_was_fetched() {
        let root = tempfile::tempdir().expect("a scratch folder");
        let address = "https://example.org/a.jpg";
        let source = PictureSource::parse(address, root.path()).expect("an address");
        write_picture(&root.path().join("a.png"), 200);
        write_picture(&root.path().join(thumbnail::place(&source.hash())), 100);
        let photos = FacePhotos::new(Arc::new(root.path().to_owned()));

        let own = photos.make(face("/a.png", Some((200, 200)))).await.expect("a photo");
        let fetched = photos.make(face(address, Some((200, 200)))).await.expect("a photo");

        let side = |jpeg: &[u8]| load_from_memory(jpeg).expect("a JPEG").width();
        assert_eq!((side(&own), side(&fetched)), (44, 22));
    }

    #[tokio::test]
    async fn a_picture_that_is_gone_or_is_none_has_no_faces_to_cut_out() {
        let root = tempfile::tempdir().expect("a scratch folder");
        fs::write(root.path().join("b.png"), "words").expect("a small file");
        let photos = FacePhotos::new(Arc::new(root.path().to_owned()));

        let gone = photos.make(face("/a.png", None)).await;
        let none = photos.make(face("/b.png", None)).await;
        let outside = FacePhotos::new(Arc::new(root.path().join("none"))).make(face("/a.png", None)).await;

        assert!(matches!(gone, Err(FacePhotoError::Read(ReadError::Missing))), "{gone:?}");
        assert!(matches!(none, Err(FacePhotoError::Picture(PictureError::Unsupported))), "{none:?}");
        assert!(matches!(outside, Err(FacePhotoError::NoFolder)), "{outside:?}");
    }
}
