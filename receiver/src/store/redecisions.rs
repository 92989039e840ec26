//! Images whose faces are to be decided again, by image-processor: asked for in the transaction of the change that makes it
//! necessary.

use service_kit::statements::{pieces, push_list};
use sqlx::{MySql, QueryBuilder, Transaction};

use super::StoreError;

/// Rows of one statement where there are many.
const LONG: [usize; 3] = [1_000, 256, 64];

/// Asks for every image in which a face is, or may be, one of these people: by the last decision, as the best or the second
/// best, or by somebody's word.
pub(super) async fn ask_about_people(
    transaction: &mut Transaction<'_, MySql>,
    people: &[u64],
) -> Result<(), StoreError> {
    let mut images: Vec<u64> = Vec::new();
    for select in [
        "SELECT DISTINCT image_id FROM faces FORCE INDEX (faces_person_image) WHERE person_id IN ",
        "SELECT DISTINCT image_id FROM faces FORCE INDEX (faces_runner_up) WHERE runner_up_person_id IN ",
        "SELECT DISTINCT image_id FROM face_verdicts FORCE INDEX (face_verdicts_person)
         JOIN faces ON faces.id = face_id WHERE face_verdicts.person_id IN ",
    ] {
        let mut query = QueryBuilder::new(select);
        push_list(&mut query, people);
        images.extend(query.build_query_scalar::<u64>().fetch_all(&mut **transaction).await?);
    }
    ask(transaction, images).await
}

/// Asks for these images. In the order of their ids, as everybody does who locks several: the foreign key locks them.
pub(super) async fn ask(
    transaction: &mut Transaction<'_, MySql>,
    mut images: Vec<u64>,
) -> Result<(), StoreError> {
    images.sort_unstable();
    images.dedup();
    for piece in pieces(&images, &LONG) {
        // One that somebody deletes meanwhile needs no decision: IGNORE, for the foreign key. A lease stays: who holds it sees
        // by the number of wishes that there is another one.
        let mut insert = QueryBuilder::new("INSERT IGNORE INTO redecisions (image_id, due_at) ");
        insert.push_values(piece, |mut row, image| {
            row.push_bind(*image).push("UTC_TIMESTAMP(6)");
        });
        insert.push(" ON DUPLICATE KEY UPDATE wishes = wishes + 1, due_at = LEAST(due_at, VALUES(due_at))");
        insert.build().execute(&mut **transaction).await?;
    }
    Ok(())
}
