//! Clients that hang up, after which what they began is ended all the same; and more of them than there is memory for.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::{StreamExt as _, stream};
use migrations::accounts::Account;
use rollcall_tests::wait;
use sqlx::{MySql, Transaction};
use tokio::{sync::mpsc, task::JoinSet};
use tower::ServiceExt as _;

use super::*;
use crate::{app::PHOTOS_AT_ONCE, store::tests::wait_for_statement};

const DEADLINE: Duration = Duration::from_secs(10);
const PICTURE: &[u8] = b"GIF89a and no more";

/// Somebody else who is at this image.
async fn lock(scene: &Scene, image: u64) -> anyhow::Result<Transaction<'static, MySql>> {
    let mut other = scene.receiver.pool().begin().await?;
    sqlx::query("SELECT id FROM images WHERE id = ? FOR UPDATE").bind(image).fetch_one(&mut *other).await?;
    Ok(other)
}

/// Hangs up while the receiver waits in a statement that begins like this.
async fn hang_up<T>(
    scene: &Scene,
    asking: impl Future<Output = anyhow::Result<T>>,
    statement: &str,
) -> anyhow::Result<()> {
    let receiver = scene.receiver.pool_of(Account::Receiver);
    tokio::select! {
        answered = asking => answered.and_then(|_| anyhow::bail!("somebody else is at it, and it was answered")),
        waits = wait_for_statement(&receiver, statement) => waits,
    }
}

#[tokio::test]
async fn an_image_whose_deletion_was_begun_goes_with_its_file() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let uploaded = scene.bring("/pictures", PICTURE).await?;
    let path = uploaded.body["path"].as_str().expect("a path").trim_start_matches('/').to_owned();
    let other = lock(&scene, 1).await?;

    hang_up(&scene, scene.delete("/images/1"), "SELECT id, path, status, reason").await?;
    other.rollback().await?;

    wait::until("the image and its file to be gone", DEADLINE, async || {
        let (images, _) = scene.receiver.count_stored().await?;
        anyhow::ensure!(images == 0 && !scene.root.path().join(&path).exists(), "{images} images");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_trail_tells_of_a_picture_that_is_stored() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    scene.bring("/pictures", PICTURE).await?;
    sqlx::query("DELETE FROM audit_entries").execute(scene.receiver.pool()).await?;
    let other = lock(&scene, 1).await?;

    hang_up(&scene, scene.bring("/pictures", PICTURE), "SELECT id FROM images FORCE INDEX (PRIMARY)").await?;
    other.rollback().await?;

    wait::until("an entry", DEADLINE, async || {
        let told = scene.actors().await?;
        anyhow::ensure!(told == [("local".to_owned(), "picture_uploaded".to_owned())], "{told:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_group_that_is_named_has_its_sharpest_face_enrolled() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let first = scene.insert_pictured_face("a.png").await?;
    let other = lock(&scene, 1).await?;

    let route = format!("/unknown-groups/{first}/name");
    let naming = scene.send("POST", &route, json!({"name": "Bob", "enrol": true}));
    hang_up(&scene, naming, "SELECT id FROM images FORCE INDEX (PRIMARY)").await?;
    other.rollback().await?;

    wait::until("a known photo", DEADLINE, async || {
        let photos = scene.gallery.photos();
        anyhow::ensure!(photos == ["bob.jpg"], "{photos:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_brings_one_photo_too_many_is_told_to_come_again() -> anyhow::Result<()> {
    const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a face";
    let scene = Scene::start().await?;
    scene.send("POST", "/people", json!({"name": "Ann"})).await?;
    let (begun, mut begins) = mpsc::channel(1);
    let mut others = JoinSet::new();
    for _ in 0..PHOTOS_AT_ONCE {
        let begun = begun.clone();
        let beginning = stream::once(async move {
            begun.send(()).await.map_err(std::io::Error::other)?;
            Ok::<_, std::io::Error>(Bytes::from_static(PHOTO))
        });
        let body = Body::from_stream(beginning.chain(stream::pending()));
        let request = receiver::request("POST", "/api/v1/people/1/photos", body)?;
        others.spawn(scene.receiver.router().clone().oneshot(request));
        begins.recv().await.expect("it is read");
    }

    let refused = scene.bring("/people/1/photos", PHOTO).await?;
    others.shutdown().await;
    let taken = scene.bring("/people/1/photos", PHOTO).await?;

    refused.expect_problem("busy", StatusCode::SERVICE_UNAVAILABLE, "receiver_busy", None);
    assert_eq!(refused.headers[header::RETRY_AFTER], "5");
    assert_eq!(taken.status, StatusCode::CREATED, "{taken:?}");
    Ok(())
}
