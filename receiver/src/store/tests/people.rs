//! People, their photos and what is said of faces: every statement, with what it leaves in the other tables.

mod faces;
mod groups;
mod merges;
mod names;
mod photos;
mod pictured;
mod uploads;

use serde_json::Value;

use super::*;
use crate::{actor::Actor, person_name::PersonName};

fn ann() -> Actor {
    Actor::named("Ann")
}

fn name(text: &str) -> PersonName {
    PersonName::parse(text).expect("a name")
}

fn refusal<T: std::fmt::Debug>(done: Result<T, ChangeError>) -> Refusal {
    match done {
        Err(ChangeError::Refused(refusal)) => refusal,
        other => panic!("it is not refused: {other:?}"),
    }
}

/// An image that has its result.
async fn insert_resolved(database: &ScratchDatabase, store: &Store, path: &str) -> anyhow::Result<u64> {
    let (id, _) = insert(store, path).await?;
    sqlx::query(
        "UPDATE images SET status = 4, reason = 'unknown_face', updated_at = '2001-01-01' WHERE id = ?",
    )
    .bind(id)
    .execute(&database.pool)
    .await?;
    Ok(id)
}

/// A face of a new image that has its result: the face, then the image.
async fn insert_face(database: &ScratchDatabase, store: &Store, path: &str) -> anyhow::Result<(u64, u64)> {
    let image = insert_resolved(database, store, path).await?;
    Ok((reading::insert_plain_face(&database.pool, image, 0.5).await?, image))
}

async fn set_person(pool: &MySqlPool, face: u64, person: u64, runner_up: Option<u64>) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE faces SET outcome = 'identified', person_id = ?, distance = 0.25, matched_photo = 'a.jpg',
                runner_up_person_id = ?, runner_up_distance = IF(? IS NULL, NULL, 0.5) WHERE id = ?",
    )
    .bind(person)
    .bind(runner_up)
    .bind(runner_up)
    .bind(face)
    .execute(pool)
    .await?;
    Ok(())
}

/// The images that are to be decided again, and how many wishes there are.
async fn wishes(pool: &MySqlPool) -> sqlx::Result<Vec<(u64, u64)>> {
    sqlx::query_as(
        "SELECT image_id, wishes FROM redecisions WHERE due_at <= UTC_TIMESTAMP(6) ORDER BY image_id",
    )
    .fetch_all(pool)
    .await
}

async fn forget_wishes(pool: &MySqlPool) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM redecisions").execute(pool).await.map(drop)
}

/// Action, person, face and image of each entry, and its detail.
type Entry = (String, Option<u64>, Option<u64>, Option<u64>, Value);

/// What the trail says, the first entry first; each was written by Ann a moment ago.
async fn trail(pool: &MySqlPool) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as(
        "SELECT action, person_id, face_id, image_id, detail FROM audit_entries
         WHERE actor = 'Ann' AND at > UTC_TIMESTAMP() - INTERVAL 1 MINUTE ORDER BY id",
    )
    .fetch_all(pool)
    .await
}

/// The actions alone.
async fn actions(pool: &MySqlPool) -> sqlx::Result<Vec<String>> {
    Ok(trail(pool).await?.into_iter().map(|entry| entry.0).collect())
}
