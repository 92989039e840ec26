//! What changes an image, and what the audit trail tells of that.

use std::fs;

use axum::{
    body::Body,
    http::{HeaderValue, Request},
};
use serde_json::Value;
use service_kit::bearer::Access;

use super::{
    receiver::{Answer, request},
    *,
};

/// Two images: the first shows Ann, the second is pending.
async fn with_images(receiver: &Receiver) -> anyhow::Result<()> {
    receiver.post("/image/post", r#"{"path": "/uploads/ab/a.jpg"}"#).await?;
    receiver.post("/image/post", r#"{"path": "/b.jpg"}"#).await?;
    sqlx::query("INSERT INTO person (id, name) VALUES (3, 'Ann')").execute(receiver.pool()).await?;
    sqlx::query("UPDATE images SET status = 1, person = 3, lease_token = 7 WHERE id = 1")
        .execute(receiver.pool())
        .await?;
    sqlx::query(
        "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                            embedding, model_id, gallery_revision, outcome, person_id, created_at, updated_at)
         VALUES (1, 0, 0, 1, 1, 1, '[]', '{}', '', 'm', 'g', 'identified', 3, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
    )
    .execute(receiver.pool())
    .await?;
    Ok(())
}

fn by(actor: &str, mut request: Request<Body>) -> anyhow::Result<Request<Body>> {
    request.headers_mut().insert("rollcall-actor", HeaderValue::from_bytes(actor.as_bytes())?);
    Ok(request)
}

async fn trail(receiver: &Receiver, query: &str) -> anyhow::Result<Answer> {
    receiver.get(&format!("/api/v1/audit{query}")).await
}

#[tokio::test]
async fn a_new_look_makes_an_image_pending_whatever_came_of_it() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    with_images(&receiver).await?;

    let again = receiver.send(by("Zoë", request("POST", "/api/v1/images/1/rerun", "")?)?).await?;

    assert_eq!((again.status, &again.body["status"]), (StatusCode::OK, &json!("pending")), "{again:?}");
    assert_eq!(again.body["faces"].as_array().map(Vec::len), Some(1), "they stay until there are new ones");
    assert_eq!(receiver.count_stored().await?, (2, 3), "it is announced again");
    let trail = trail(&receiver, "").await?.body;
    let entry = &trail["entries"][0];
    assert_eq!((&entry["actor"], &entry["action"]), (&json!("Zoë"), &json!("image_rerun")));
    assert_eq!(
        (&entry["image_id"], &entry["person"], &entry["face_id"]),
        (&json!(1), &Value::Null, &Value::Null)
    );
    let from = json!({"status": "processed", "person": {"id": 3, "name": "Ann"}});
    assert_eq!(entry["detail"], json!({"from": from, "to": {"status": "pending"}}));
    Ok(())
}

#[tokio::test]
async fn an_image_that_is_looked_at_anyway_gets_no_new_look() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    with_images(&receiver).await?;

    for status in [0, 3] {
        sqlx::query("UPDATE images SET status = ? WHERE id = 2")
            .bind(status)
            .execute(receiver.pool())
            .await?;
        let answer = receiver.post("/api/v1/images/2/rerun", "").await?;
        answer.expect_problem("it waits", StatusCode::CONFLICT, "not_final", None);
    }
    let unknown = receiver.post("/api/v1/images/4711/rerun", "").await?;
    unknown.expect_problem("there is none", StatusCode::NOT_FOUND, "unknown_image", None);
    assert_eq!(trail(&receiver, "").await?.body, json!({"entries": [], "next": null}));
    Ok(())
}

#[tokio::test]
async fn images_that_failed_are_put_back_by_somebody() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    with_images(&receiver).await?;
    sqlx::query("UPDATE images SET status = 2, person = NULL, error_code = 'file_missing'")
        .execute(receiver.pool())
        .await?;

    receiver.post("/api/v1/images/1/retry", "").await?;
    let mut redrive = by("Bob", request("POST", "/api/v1/dead-letters/redrive", r#"{"all": true}"#)?)?;
    redrive.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    receiver.send(redrive).await?;

    let trail = trail(&receiver, "").await?.body;
    let told: Vec<_> = ["actor", "action", "image_id"].map(|name| &trail["entries"][0][name]).into();
    assert_eq!(json!(told), json!(["Bob", "image_retried", 2]));
    let told: Vec<_> = ["actor", "action", "image_id"].map(|name| &trail["entries"][1][name]).into();
    assert_eq!(json!(told), json!(["local", "image_retried", 1]));
    let from = json!({"status": "failed", "error": "file_missing"});
    assert_eq!(trail["entries"][1]["detail"], json!({"from": from, "to": {"status": "pending"}}));
    Ok(())
}

#[tokio::test]
async fn an_image_goes_with_its_faces_its_messages_and_its_upload() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let receiver = Receiver::start_in(root.path(), Access::Local).await?;
    with_images(&receiver).await?;
    let upload = root.path().join("uploads/ab/a.jpg");
    fs::create_dir_all(root.path().join("uploads/ab"))?;
    for file in [&upload, &root.path().join("b.jpg")] {
        fs::write(file, "x")?;
    }

    for id in [1, 2] {
        let answer =
            receiver.send_raw(by("Ann", request("DELETE", &format!("/api/v1/images/{id}"), "")?)?).await?;
        assert_eq!((answer.status(), answer.body().len()), (StatusCode::NO_CONTENT, 0));
    }

    assert_eq!(receiver.count_stored().await?, (0, 0));
    let faces: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM faces").fetch_one(receiver.pool()).await?;
    assert_eq!((faces, upload.exists(), root.path().join("b.jpg").exists()), (0, false, true));
    let gone = receiver.send(request("DELETE", "/api/v1/images/1", "")?).await?;
    gone.expect_problem("it is gone", StatusCode::NOT_FOUND, "unknown_image", None);
    let trail = trail(&receiver, "?image=1").await?.body;
    let from =
        json!({"path": "/uploads/ab/a.jpg", "status": "processed", "person": {"id": 3, "name": "Ann"}});
    assert_eq!(trail["entries"][0]["detail"], json!({"from": from, "to": null}));
    assert_eq!(trail["entries"].as_array().map(Vec::len), Some(1), "{trail}");
    Ok(())
}

#[tokio::test]
async fn the_trail_is_read_in_pages_of_everything_of_somebody_or_of_an_image() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    sqlx::query("INSERT INTO person (id, name) VALUES (3, 'Ann')").execute(receiver.pool()).await?;
    sqlx::query(
        "INSERT INTO audit_entries (id, at, actor, action, person_id, face_id, image_id, detail)
         SELECT seq, '2024-02-29 12:00:00', 'engine', 'face_redecided', IF(seq % 2, 3, 4), seq + 100, seq % 3, '{}'
         FROM seq_1_to_7",
    )
    .execute(receiver.pool())
    .await?;
    let ids = |answer: &Answer| -> Vec<u64> {
        answer.body["entries"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| entry["id"].as_u64())
            .collect()
    };

    let first = trail(&receiver, "?limit=4").await?;
    let next = first.body["next"].as_str().expect("there is more").to_owned();
    let second = trail(&receiver, &format!("?limit=4&cursor={next}")).await?;

    assert_eq!(
        (ids(&first), ids(&second), &second.body["next"]),
        (vec![7, 6, 5, 4], vec![3, 2, 1], &Value::Null)
    );
    assert_eq!(ids(&trail(&receiver, "?person=3").await?), [7, 5, 3, 1]);
    assert_eq!(ids(&trail(&receiver, "?image=0").await?), [6, 3]);
    assert_eq!(ids(&trail(&receiver, "?person=4&image=0").await?), [6]);
    let entry = json!({
        "id": 7, "at": "2024-02-29T12:00:00Z", "actor": "engine", "action": "face_redecided",
        "person": {"id": 3, "name": "Ann"}, "face_id": 107, "image_id": 1, "detail": {}
    });
    assert_eq!(first.body["entries"][0], entry);
    assert_eq!(first.body["entries"][1]["person"], Value::Null, "nobody has that id");
    for wrong in ["?person=Ann", "?limit=0", "?actor=engine"] {
        let answer = trail(&receiver, wrong).await?;
        assert_eq!(answer.body["code"], "wrong_query", "{wrong}: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_name_that_is_none_changes_nothing() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    with_images(&receiver).await?;

    let refused = receiver.send(by("a\tb", request("DELETE", "/api/v1/images/1", "")?)?).await?;

    let status = StatusCode::UNPROCESSABLE_ENTITY;
    refused.expect_problem("a tab", status, "wrong_actor", Some("rollcall-actor"));
    assert_eq!(receiver.count_stored().await?.0, 2);
    Ok(())
}
