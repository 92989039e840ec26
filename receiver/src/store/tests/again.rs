//! A path is posted again: what becomes of its image in each state, with a new look asked for and without.

use sqlx::FromRow;
use time::PrimitiveDateTime;

use super::*;

/// What of `images` tells whether there is work to do.
#[derive(Debug, PartialEq, FromRow)]
struct Work {
    status: ImageStatus,
    person: Option<u64>,
    reason: Option<String>,
    attempts: u32,
    losses: u32,
    rounds: u32,
    retryable: bool,
    error_code: Option<String>,
    error_detail: Option<String>,
    lease_token: u64,
    due: bool,
    model_id: Option<String>,
    updated_at: PrimitiveDateTime,
}

async fn work(pool: &MySqlPool, id: u64) -> sqlx::Result<Work> {
    sqlx::query_as(
        "SELECT status, person, reason, attempts, losses, rounds, retryable, error_code, error_detail, lease_token,
                next_attempt_at <= UTC_TIMESTAMP(6) AS due, model_id, updated_at
         FROM images WHERE id = ?",
    )
    .bind(id)
    .fetch_one(pool)
    .await
}

/// Leaves an image in a state, with everything set that any state has.
async fn leave(pool: &MySqlPool, id: u64, status: ImageStatus) -> anyhow::Result<()> {
    let person = insert_person(pool, &format!("of {}", status.name())).await?;
    sqlx::query(
        "UPDATE images SET status = ?, person = ?, reason = 'ambiguous', attempts = 5, losses = 2, rounds = 3,
                lease_token = 20, retryable = TRUE, error_code = 'engine_failed', error_detail = 'no luck',
                model_id = 'dlib', next_attempt_at = '2999-01-01', updated_at = '2001-01-01'
         WHERE id = ?",
    )
    .bind(status)
    .bind(person)
    .bind(id)
    .execute(pool)
    .await?;
    Ok(())
}

/// What is left of an image that begins anew. The fencing token rises: who read it before writes nothing.
fn assert_begun_anew(row: &Work) {
    let cleared = (None, None, None, None, false);
    let Work { person, reason, error_code, error_detail, retryable, .. } = row;
    assert_eq!(
        (person.as_ref(), reason.as_ref(), error_code.as_ref(), error_detail.as_ref(), *retryable),
        cleared,
        "{row:?}"
    );
    assert_eq!(
        (row.status, row.attempts, row.losses, row.rounds),
        (ImageStatus::Pending, 0, 0, 0),
        "{row:?}"
    );
    assert_eq!((row.lease_token, row.due, row.model_id.as_deref()), (21, true, Some("dlib")), "{row:?}");
    assert!(row.updated_at.year() > 2001, "{row:?}");
}

#[tokio::test]
async fn the_same_path_again_is_the_same_image_and_no_second_message() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (id, _) = insert(&store, "/a.jpg").await?;

    let again = accept(&store, post("/a.jpg")).await?;

    assert_eq!(again, (Accepted { id, status: ImageStatus::Pending, created: false }, None));
    assert_eq!(count(&database.pool, "outbox").await?, 1);
    Ok(())
}

/// Each state, whether a new look is asked for, and whether the image begins anew.
const CASES: [(ImageStatus, bool, bool); 10] = [
    (ImageStatus::Pending, false, false),
    (ImageStatus::Pending, true, false),
    (ImageStatus::Processing, false, false),
    (ImageStatus::Processing, true, false),
    (ImageStatus::Processed, false, false),
    (ImageStatus::Processed, true, true),
    (ImageStatus::Unresolved, false, false),
    (ImageStatus::Unresolved, true, true),
    (ImageStatus::Failed, false, true),
    (ImageStatus::Failed, true, true),
];

#[tokio::test]
async fn its_state_and_the_wish_for_a_new_look_decide_whether_an_image_begins_anew() -> anyhow::Result<()> {
    for (status, asked, begins) in CASES {
        let (database, store) = start().await?;
        let (id, _) = insert(&store, "/a.jpg").await?;
        leave(&database.pool, id, status).await?;
        let before = work(&database.pool, id).await?;

        let (again, announcement) = accept(&store, Post::new(path("/a.jpg"), None, asked)).await?;

        let after = work(&database.pool, id).await?;
        let told = if begins { ImageStatus::Pending } else { status };
        assert_eq!(again, Accepted { id, status: told, created: false }, "{status:?} {asked}");
        assert_eq!(announcement.is_some(), begins, "{status:?} {asked}");
        if begins {
            assert_begun_anew(&after);
        } else {
            assert_eq!(after, before, "{status:?} {asked}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_image_that_begins_anew_is_announced_again() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (id, before) = insert(&store, "/a.jpg").await?;
    leave(&database.pool, id, ImageStatus::Failed).await?;

    let (_, announcement) = accept(&store, post("/a.jpg")).await?;

    let announced = announcement.expect("there is work to do").outbox_id;
    let messages: Vec<(u64, u64)> =
        sqlx::query_as("SELECT id, image_id FROM outbox ORDER BY id").fetch_all(&database.pool).await?;
    assert_eq!(messages, [(before, id), (announced, id)]);
    Ok(())
}

#[tokio::test]
async fn an_image_whose_message_cannot_be_stored_does_not_begin_anew() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (id, _) = insert(&store, "/a.jpg").await?;
    leave(&database.pool, id, ImageStatus::Failed).await?;
    let before = work(&database.pool, id).await?;
    sqlx::query("RENAME TABLE outbox TO away").execute(&database.pool).await?;

    accept(&store, post("/a.jpg")).await.expect_err("there is no outbox");

    assert_eq!(work(&database.pool, id).await?, before);
    Ok(())
}

#[tokio::test]
async fn the_faces_of_an_image_stay_until_there_are_new_ones() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (id, _) = insert(&store, "/a.jpg").await?;
    leave(&database.pool, id, ImageStatus::Processed).await?;
    let face = reading::insert_plain_face(&database.pool, id, 0.5).await?;

    accept(&store, rerun("/a.jpg")).await?;

    let faces: Vec<u64> = store.faces(id).await?.iter().map(|face| face.id).collect();
    assert_eq!(faces, [face]);
    Ok(())
}

#[tokio::test]
async fn a_path_whose_image_is_deleted_while_it_begins_anew_is_a_new_one() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (id, _) = insert(&store, "/a.jpg").await?;
    // A path that is known: the next group looks before it stores.
    accept(&store, post("/a.jpg")).await?;
    leave(&database.pool, id, ImageStatus::Failed).await?;
    let mut other = database.pool.begin().await?;
    sqlx::query("DELETE FROM images WHERE id = ?").bind(id).execute(&mut *other).await?;
    let receiver = database.pool_of(Account::Receiver);
    let deleting = async {
        wait_for_statement(&receiver, "SELECT id, status FROM images FORCE INDEX (PRIMARY)").await?;
        anyhow::Ok(other.commit().await?)
    };

    let (accepted, deleted) = tokio::join!(accept(&store, post("/a.jpg")), deleting);

    deleted?;
    let (accepted, announcement) = accepted?;
    assert_eq!((accepted.status, accepted.created), (ImageStatus::Pending, true));
    assert!(accepted.id > id && announcement.is_some(), "{accepted:?}");
    Ok(())
}
