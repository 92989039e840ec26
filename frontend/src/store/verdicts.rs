//! What people said of the faces of an image.

use migrations::FaceVerdict;
use sqlx::FromRow;

use super::{Store, StoreError};

/// That a face is somebody, or is not.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Verdict {
    pub(crate) face_id: u64,
    pub(crate) said: FaceVerdict,
    /// Who that person is by now, whom the API takes it back from.
    pub(crate) person_id: u64,
    pub(crate) name: String,
}

impl Store {
    /// By face, in the order in which it was said; what was said of somebody and of who turned out to be them is one.
    pub(crate) async fn verdicts(&self, image: u64) -> Result<Vec<Verdict>, StoreError> {
        let query = sqlx::query_as(
            "SELECT face_id, verdict AS said, root.id AS person_id, root.name AS name
             FROM faces JOIN face_verdicts ON face_verdicts.face_id = faces.id
                        JOIN person ON person.id = face_verdicts.person_id
                        JOIN person AS root ON root.id = COALESCE(person.merged_into, person.id)
             WHERE faces.image_id = ? GROUP BY face_id, verdict, root.id, root.name
             ORDER BY face_id, MIN(face_verdicts.created_at), root.id",
        );
        Ok(query.bind(image).fetch_all(&self.pool).await?)
    }
}
