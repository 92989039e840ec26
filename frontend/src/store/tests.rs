//! Every statement of the frontend's store, on a real MariaDB and by the frontend's own account.

mod audit;
mod counting;
mod filters;
mod groups;
mod people;
mod searching;

use std::collections::HashMap;

use migrations::{FaceOutcome, ImageStatus, accounts::Account};
use rollcall_tests::mariadb::ScratchDatabase;
use time::macros::datetime;

use super::*;
use crate::view::{Filter, Position, Standing, View};

const PAGE: usize = 3;

async fn start() -> anyhow::Result<(ScratchDatabase, Store)> {
    let database = ScratchDatabase::start().await?;
    let store = Store::new(database.pool_of(Account::Frontend));
    Ok((database, store))
}

/// Pending images, with the ids 1 to `count`.
async fn insert_images(pool: &MySqlPool, count: u64) -> sqlx::Result<()> {
    for number in 1..=count {
        sqlx::query(
            "INSERT INTO images (id, path, path_hash, next_attempt_at, created_at, updated_at)
             VALUES (?, '/a.jpg', UNHEX(SHA2(?, 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(number)
        .bind(number)
        .execute(pool)
        .await?;
    }
    Ok(())
}

async fn insert_person(pool: &MySqlPool, name: &str) -> sqlx::Result<u64> {
    Ok(sqlx::query("INSERT INTO person (name) VALUES (?)").bind(name).execute(pool).await?.last_insert_id())
}

async fn insert_face(pool: &MySqlPool, image: u64, person: Option<u64>, outcome: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                            embedding, model_id, gallery_revision, outcome, person_id, created_at, updated_at)
         VALUES (?, 0, 0, 1, 1, 1, '[]', '{}', '', 'm', 'g', ?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
    )
    .bind(image)
    .bind(outcome)
    .bind(person)
    .execute(pool)
    .await?;
    Ok(())
}

/// The ids of a page of all images, whether there are newer ones, whether there are older ones.
async fn page(store: &Store, position: Position) -> Result<(Vec<u64>, bool, bool), StoreError> {
    page_of(store, Standing::All, position).await
}

async fn page_of(
    store: &Store,
    standing: Standing,
    position: Position,
) -> Result<(Vec<u64>, bool, bool), StoreError> {
    let filter = Filter { standing, ..Filter::default() };
    let images = store.images(&View { filter, position }, PAGE).await?.expect("no person is looked for");
    let Images { rows, newer, older, .. } = images;
    Ok((rows.iter().map(|row| row.id).collect(), newer.is_some(), older.is_some()))
}

async fn newest(store: &Store) -> Result<Vec<ImageRow>, StoreError> {
    let images = store.images(&View::newest(Filter::default()), PAGE).await?;
    Ok(images.expect("no person is looked for").rows)
}

#[tokio::test]
async fn without_images_the_newest_page_is_the_only_one() -> anyhow::Result<()> {
    let (_database, store) = start().await?;

    assert_eq!(page(&store, Position::Newest).await?, (vec![], false, false));
    Ok(())
}

#[tokio::test]
async fn images_that_fill_one_page_have_no_second_one() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 3).await?;

    assert_eq!(page(&store, Position::Newest).await?, (vec![3, 2, 1], false, false));
    Ok(())
}

#[tokio::test]
async fn one_image_more_than_a_page_has_a_page_of_its_own() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 4).await?;

    assert_eq!(page(&store, Position::Newest).await?, (vec![4, 3, 2], false, true));
    assert_eq!(page(&store, Position::Before(2)).await?, (vec![1], true, false));
    Ok(())
}

#[tokio::test]
async fn older_pages_lead_to_the_oldest_image() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 7).await?;

    assert_eq!(
        page(&store, Position::Before(8)).await?,
        (vec![7, 6, 5], false, true),
        "nothing is newer than the newest"
    );
    assert_eq!(page(&store, Position::Before(5)).await?, (vec![4, 3, 2], true, true));
    assert_eq!(
        page(&store, Position::Before(4)).await?,
        (vec![3, 2, 1], true, false),
        "exactly one page is left"
    );
    assert_eq!(page(&store, Position::Before(2)).await?, (vec![1], true, false));
    Ok(())
}

#[tokio::test]
async fn newer_pages_lead_to_the_newest_image_and_are_newest_first_too() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 7).await?;

    assert_eq!(page(&store, Position::After(1)).await?, (vec![4, 3, 2], true, true));
    assert_eq!(
        page(&store, Position::After(4)).await?,
        (vec![7, 6, 5], false, true),
        "exactly one page is left"
    );
    assert_eq!(page(&store, Position::After(6)).await?, (vec![7], false, true));
    assert_eq!(
        page(&store, Position::After(0)).await?,
        (vec![3, 2, 1], true, false),
        "nothing is older than the oldest"
    );
    Ok(())
}

#[tokio::test]
async fn a_page_beyond_the_end_has_neither_images_nor_neighbours() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 2).await?;

    assert_eq!(page(&store, Position::After(2)).await?, (vec![], false, false));
    assert_eq!(page(&store, Position::Before(1)).await?, (vec![], false, false));
    Ok(())
}

#[tokio::test]
async fn a_page_stays_what_it_is_while_images_arrive() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 4).await?;
    let before = page(&store, Position::Before(4)).await?;
    sqlx::query(
        "INSERT INTO images (path, path_hash, next_attempt_at, created_at, updated_at)
         VALUES ('/b.jpg', UNHEX(SHA2('b', 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
    )
    .execute(&database.pool)
    .await?;

    assert_eq!(page(&store, Position::Newest).await?.0, [5, 4, 3]);
    assert_eq!(page(&store, Position::Before(4)).await?, before);
    Ok(())
}

#[tokio::test]
async fn every_column_of_the_table_is_read() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 2).await?;
    let person = insert_person(&database.pool, "John Doe").await?;
    sqlx::query(
        "UPDATE images SET status = 1, person = ?, created_at = '2024-02-29 23:59:59.5' WHERE id = 1",
    )
    .bind(person)
    .execute(&database.pool)
    .await?;
    sqlx::query(
        "UPDATE images
         SET status = 2, error_code = 'engine_failed', error_detail = 'no luck', retryable = TRUE,
             next_attempt_at = '2999-01-01', updated_at = '2024-03-01 00:00:01' WHERE id = 2",
    )
    .execute(&database.pool)
    .await?;

    let rows = newest(&store).await?;

    let [failed, processed] = &rows[..] else { panic!("two images are stored: {rows:?}") };
    assert_eq!((processed.id, processed.path.as_str()), (1, "/a.jpg"));
    assert_eq!((processed.status, processed.person.as_deref()), (ImageStatus::Processed, Some("John Doe")));
    assert_eq!((&processed.reason, &processed.error_code, &processed.error_detail), (&None, &None, &None));
    assert_eq!(processed.created_at, datetime!(2024-02-29 23:59:59.5 UTC));
    assert_eq!((failed.status, &failed.person), (ImageStatus::Failed, &None));
    assert_eq!(
        (failed.error_code.as_deref(), failed.error_detail.as_deref()),
        (Some("engine_failed"), Some("no luck"))
    );
    assert!(failed.retryable);
    assert_eq!(failed.next_attempt_at, datetime!(2999-01-01 0:00 UTC));
    assert_eq!(failed.updated_at, datetime!(2024-03-01 00:00:01 UTC));
    assert!(failed.read_at > failed.created_at, "it is read after it was written: {failed:?}");
    Ok(())
}

#[tokio::test]
async fn the_faces_of_the_images_asked_for_are_read_in_their_order() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 3).await?;
    let john = Some(insert_person(&database.pool, "John Doe").await?);
    for (image, person, outcome) in [(1, john, "identified"), (2, None, "unknown"), (2, john, "ambiguous")] {
        insert_face(&database.pool, image, person, outcome).await?;
    }
    let images = store.images_by_id(&[3, 2]).await?;

    let faces = store.faces_of(&images).await?;

    let of_two: Vec<_> = faces[&2].iter().map(|face| (face.outcome, face.person.as_deref())).collect();
    assert_eq!(of_two, [(FaceOutcome::Unknown, None), (FaceOutcome::Ambiguous, Some("John Doe"))]);
    assert_eq!(faces.len(), 1);
    assert_eq!(store.faces_of(&[]).await?, HashMap::new());
    Ok(())
}

#[tokio::test]
async fn only_the_images_asked_for_are_read() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 3).await?;

    let ids = |images: Vec<ImageRow>| images.iter().map(|image| image.id).collect::<Vec<_>>();
    assert_eq!(ids(store.images_by_id(&[1, 3, 7]).await?), [3, 1]);
    assert_eq!(ids(store.images_by_id(&[]).await?), [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn changes_are_read_from_a_moment_on_the_earliest_first() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 4).await?;
    sqlx::query("UPDATE images SET updated_at = '2024-02-29 12:00:00' + INTERVAL (5 - id) SECOND")
        .execute(&database.pool)
        .await?;

    let changes = store.changes(datetime!(2024-02-29 12:00:02 UTC), 2).await?;

    let change = |id, updated_at| Change { id, updated_at };
    let expected =
        [change(3, datetime!(2024-02-29 12:00:02 UTC)), change(2, datetime!(2024-02-29 12:00:03 UTC))];
    assert_eq!(changes, expected);
    assert_eq!(store.present(3).await?.1, [4, 3, 2]);
    Ok(())
}
