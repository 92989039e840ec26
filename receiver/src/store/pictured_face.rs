//! A face with what is needed to cut it out of its picture.

use sqlx::FromRow;

use super::{ChangeError, Refusal, Store, StoreError, within};

/// Left, top, width, height in pixels of the picture.
pub(crate) type Bounds = (i32, i32, u32, u32);

/// Where a face is, and the others of its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PicturedFace {
    /// Of the picture, or its address.
    pub(crate) path: String,
    /// Columns and rows of the picture as it was recognised, if they are known.
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) bounds: Bounds,
    pub(crate) others: Vec<Bounds>,
}

#[derive(FromRow)]
struct Row {
    id: u64,
    path: String,
    width: Option<u32>,
    height: Option<u32>,
    box_left: i32,
    box_top: i32,
    box_width: u32,
    box_height: u32,
}

impl Store {
    /// The image that a face was found in.
    pub(crate) async fn image_of_face(&self, face: u64) -> Result<Option<u64>, StoreError> {
        let image = sqlx::query_scalar("SELECT image_id FROM faces WHERE id = ?");
        Ok(image.bind(face).fetch_optional(&self.pool).await?)
    }

    /// A face in its picture.
    pub(crate) async fn pictured_face(&self, face: u64) -> Result<PicturedFace, ChangeError> {
        within(async {
            let rows: Vec<Row> = sqlx::query_as(
                "SELECT beside.id, path, width, height,
                        beside.box_left, beside.box_top, beside.box_width, beside.box_height
                 FROM faces JOIN images ON images.id = faces.image_id
                 JOIN faces AS beside ON beside.image_id = faces.image_id
                 WHERE faces.id = ? ORDER BY beside.id",
            )
            .bind(face)
            .fetch_all(&self.pool)
            .await?;
            let bounds = |row: &Row| (row.box_left, row.box_top, row.box_width, row.box_height);
            let own = rows.iter().find(|row| row.id == face).ok_or(Refusal::UnknownFace(face))?;
            Ok(PicturedFace {
                path: own.path.clone(),
                size: own.width.zip(own.height),
                bounds: bounds(own),
                others: rows.iter().filter(|row| row.id != face).map(bounds).collect(),
            })
        })
        .await
    }
}
