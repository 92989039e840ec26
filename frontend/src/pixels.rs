//! The pictures that pages show: smaller copies, faces, known photos. Where there is none to show, a drawing says why.
//!
//! | module | what |
//! |---|---|
//! | `neutral` | the drawing that stands in for a picture |
//! | `routes` | the addresses |

mod neutral;
mod routes;

use std::path::{Path, PathBuf};

use picture_path::{PathError, PicturePath};
use renditions::{Answer, Area, Face, Kind, RenditionError, Renditions, Settings, Source};
use thiserror::Error;

use crate::store::{FaceSource, PictureSource};

pub(crate) use routes::router;

const THUMBNAIL: Kind = Kind::Whole(240);
const VIEW: Kind = Kind::Whole(1600);
const KNOWN_PHOTO: Kind = Kind::Whole(320);
const FACE_SIDE: u32 = 160;
/// Below the image root: the thumbnails of pictures that are not files there.
const THUMBNAILS: &str = ".thumbnails";

/// Where pictures are, and what makes copies of them.
#[derive(Debug, Clone)]
pub(crate) struct Pixels {
    renditions: Renditions,
    image_root: PathBuf,
    known_people: PathBuf,
}

/// Why nothing is shown.
#[derive(Debug, Error)]
pub(crate) enum PixelError {
    #[error(transparent)]
    Path(#[from] PathError),
    #[error(transparent)]
    Rendition(#[from] RenditionError),
    #[error("no such picture")]
    Unknown,
    #[error("the database does not answer")]
    DatabaseAway,
}

impl Pixels {
    pub(crate) fn new(image_root: PathBuf, known_people: PathBuf, kept: &Settings) -> Self {
        Self { renditions: Renditions::new(kept), image_root, known_people }
    }

    async fn picture(
        &self,
        picture: &PictureSource,
        kind: Kind,
        known: Option<&str>,
    ) -> Result<Answer, PixelError> {
        let path = self.file_of(picture)?;
        self.copy(&self.image_root, &path, kind, known).await
    }

    async fn face(&self, face: &FaceSource, known: Option<&str>) -> Result<Answer, PixelError> {
        let area =
            Area { left: face.box_left, top: face.box_top, width: face.box_width, height: face.box_height };
        let of = face.width.zip(face.height);
        self.picture(&face.picture, Kind::Face(Face { area, of, side: FACE_SIDE }), known).await
    }

    async fn known_photo(&self, name: &str, known: Option<&str>) -> Result<Answer, PixelError> {
        // A photo lies in the folder itself.
        if name.contains('/') {
            return Err(PixelError::Unknown);
        }
        let path = PicturePath::parse(name, Path::new("/"))?;
        self.copy(&self.known_people, &path, KNOWN_PHOTO, known).await
    }

    async fn copy(
        &self,
        folder: &Path,
        path: &PicturePath,
        kind: Kind,
        known: Option<&str>,
    ) -> Result<Answer, PixelError> {
        Ok(self.renditions.get(Source { folder, path }, kind, known).await?)
    }

    /// A picture from elsewhere is shown by the thumbnail that was kept when it was looked at.
    fn file_of(&self, picture: &PictureSource) -> Result<PicturePath, PathError> {
        if picture.path.starts_with('/') {
            return PicturePath::parse(&picture.path, &self.image_root);
        }
        let folder = picture.hash.get(..2).unwrap_or_default();
        PicturePath::parse(&format!("/{THUMBNAILS}/{folder}/{}.jpg", picture.hash), &self.image_root)
    }
}

#[cfg(test)]
mod tests;
