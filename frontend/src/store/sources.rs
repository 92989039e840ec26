//! Where the pixels of a picture or of a face are.

use sqlx::FromRow;

use super::{Store, StoreError};

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct PictureSource {
    pub(crate) path: String,
    /// Of the path, in hexadecimal digits.
    pub(crate) hash: String,
}

/// A face in one.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct FaceSource {
    #[sqlx(flatten)]
    pub(crate) picture: PictureSource,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) box_left: i32,
    pub(crate) box_top: i32,
    pub(crate) box_width: u32,
    pub(crate) box_height: u32,
}

impl Store {
    /// Where the picture of an image is.
    pub(crate) async fn picture(&self, image: u64) -> Result<Option<PictureSource>, StoreError> {
        let query =
            sqlx::query_as("SELECT path, LOWER(HEX(path_hash)) AS hash FROM images WHERE id = ?").bind(image);
        Ok(query.fetch_optional(&self.pool).await?)
    }

    /// Where a face is.
    pub(crate) async fn face(&self, face: u64) -> Result<Option<FaceSource>, StoreError> {
        let query = sqlx::query_as(
            "SELECT path, LOWER(HEX(path_hash)) AS hash, width, height, box_left, box_top, box_width, box_height
             FROM faces JOIN images ON images.id = faces.image_id WHERE faces.id = ?",
        );
        Ok(query.bind(face).fetch_optional(&self.pool).await?)
    }
}
