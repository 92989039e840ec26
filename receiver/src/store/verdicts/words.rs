//! The rows of `face_verdicts`.

use migrations::FaceVerdict;
use service_kit::statements::{pieces, push_list};
use sqlx::{FromRow, MySql, QueryBuilder, Transaction};

use crate::store::StoreError;

/// Rows of one statement where there are many.
const LONG: [usize; 2] = [256, 64];

/// What was said of a face before, and who that person is by now.
#[derive(Debug, FromRow)]
pub(super) struct Said {
    pub(super) face_id: u64,
    pub(super) person_id: u64,
    pub(super) verdict: FaceVerdict,
    pub(super) root: u64,
}

/// What was said of faces. Who holds a face is alone with its verdicts.
pub(super) async fn said_of(
    transaction: &mut Transaction<'_, MySql>,
    faces: &[u64],
) -> Result<Vec<Said>, StoreError> {
    let mut select = QueryBuilder::new(
        "SELECT face_id, person_id, verdict, COALESCE(person.merged_into, person.id) AS root
         FROM face_verdicts JOIN person ON person.id = person_id WHERE face_id IN ",
    );
    push_list(&mut select, faces);
    Ok(select.build_query_as().fetch_all(&mut **transaction).await?)
}

/// Says this of faces of which nothing is said about this person.
pub(super) async fn say(
    transaction: &mut Transaction<'_, MySql>,
    faces: &[u64],
    person: u64,
    verdict: FaceVerdict,
) -> Result<(), StoreError> {
    for piece in pieces(faces, &LONG) {
        let mut insert =
            QueryBuilder::new("INSERT INTO face_verdicts (face_id, person_id, verdict, created_at) ");
        insert.push_values(piece, |mut row, face| {
            row.push_bind(*face).push_bind(person).push_bind(verdict).push("UTC_TIMESTAMP(6)");
        });
        insert.build().execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Leaves this unsaid.
pub(super) async fn take_back(
    transaction: &mut Transaction<'_, MySql>,
    word: &Said,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM face_verdicts WHERE face_id = ? AND person_id = ?")
        .bind(word.face_id)
        .bind(word.person_id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
