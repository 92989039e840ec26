//! The routes as a client sees them: statuses and bodies. The database is a real one; the queue is away, which no
//! client may notice.

mod bad_requests;
mod changes;
mod dead_letters;
mod described;
mod exports;
mod idempotency;
mod listing;
mod people;
mod receiver;
mod retries;
mod tags;

use axum::http::{StatusCode, header};
use serde_json::json;

use receiver::Receiver;

#[tokio::test]
async fn a_new_picture_is_accepted() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;

    let answer = receiver.post("/image/post", r#"{"path": "photos/./a.jpg"}"#).await?;

    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let accepted = json!({"id": 1, "path": "/photos/a.jpg", "status": "pending", "created": true});
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.body, accepted);
    Ok(())
}

#[tokio::test]
async fn a_known_picture_is_answered_with_its_id() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.post("/image/post", r#"{"path": "/photos/a.jpg"}"#).await?;

    for spelling in ["/photos/a.jpg", "/photos//b/../a.jpg", "/srv/pictures/photos/a.jpg"] {
        let body = json!({ "path": spelling }).to_string();
        let answer = receiver.post("/image/post", body).await?;

        let known = json!({"id": 1, "path": "/photos/a.jpg", "status": "pending", "created": false});
        assert_eq!((answer.status, answer.body), (StatusCode::OK, known), "{spelling}");
    }
    assert_eq!(receiver.count_stored().await?, (1, 1));
    Ok(())
}

#[tokio::test]
async fn the_content_type_does_not_matter() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let types =
        [None, Some("application/json"), Some("application/x-www-form-urlencoded"), Some("image/jpeg; x")];

    for (number, content_type) in types.into_iter().enumerate() {
        let mut request =
            receiver::request("POST", "/image/post", json!({"path": format!("{number}.jpg")}).to_string())?;
        if let Some(content_type) = content_type {
            request.headers_mut().insert(header::CONTENT_TYPE, content_type.parse()?);
        }
        let answer = receiver.send(request).await?;

        assert_eq!(answer.status, StatusCode::ACCEPTED, "{content_type:?}: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_address_is_stored_in_its_normal_form() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let body = r#"{"paths": [{"path": "HTTPS://Example.org:443/a.jpg#face"}, {"path": "https://example.org/a.jpg"},
        {"path": "S3://photos/2024/a.jpg"}]}"#;

    let answer = receiver.post("/images/post", body).await?;

    let paths = answer.body["images"].as_array().expect("a list");
    let paths: Vec<_> = paths.iter().map(|image| image["path"].as_str().unwrap_or_default()).collect();
    assert_eq!(
        paths,
        ["https://example.org/a.jpg", "https://example.org/a.jpg", "s3://photos/2024/a.jpg"],
        "{answer:?}"
    );
    assert_eq!(receiver.count_stored().await?, (2, 2));
    Ok(())
}

#[tokio::test]
async fn the_trace_context_of_a_request_stays_with_its_image() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let mut request = receiver::request("POST", "/image/post", r#"{"path": "/a.jpg"}"#)?;
    request.headers_mut().insert("traceparent", traceparent.parse()?);

    receiver.send(request).await?;

    let stored: Option<String> =
        sqlx::query_scalar("SELECT traceparent FROM images").fetch_one(receiver.pool()).await?;
    assert_eq!(stored.as_deref(), Some(traceparent));
    Ok(())
}

#[tokio::test]
async fn while_the_queue_is_away_the_message_waits_in_the_outbox() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;

    receiver.post("/image/post", r#"{"path": "/a.jpg"}"#).await?;

    let database = receiver.finish().await?;
    let waiting: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE published_at IS NULL AND publishes = 0")
            .fetch_one(&database.pool)
            .await?;
    assert_eq!(waiting, 1);
    Ok(())
}

#[tokio::test]
async fn a_bad_path_of_a_batch_is_rejected_by_its_index_and_the_others_are_taken() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let body =
        r#"{"paths": [{"path": "/a.jpg"}, {"path": "/../b.jpg"}, {"path": "/c.jpg"}, {"path": "a.jpg"}]}"#;

    let answer = receiver.post("/images/post", body).await?;

    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let [a, c] = [0, 1].map(|place| answer.body["images"][place]["id"].clone());
    let images = json!([
        {"id": a, "path": "/a.jpg", "status": "pending", "created": true},
        {"id": c, "path": "/c.jpg", "status": "pending", "created": true},
        {"id": a, "path": "/a.jpg", "status": "pending", "created": false},
    ]);
    assert_ne!(a, c);
    assert_eq!(answer.body["images"], images);
    let rejected = &answer.body["rejected"];
    assert_eq!(rejected.as_array().map(Vec::len), Some(1), "{rejected}");
    assert_eq!((&rejected[0]["index"], &rejected[0]["path"]), (&json!(1), &json!("/../b.jpg")));
    let error = &rejected[0]["error"];
    assert_eq!((&error["code"], &error["field"]), (&json!("path_outside_root"), &json!("paths[1].path")));
    assert_eq!(receiver.count_stored().await?, (2, 2));
    Ok(())
}

#[tokio::test]
async fn a_batch_without_paths_is_answered_with_nothing() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;

    let answer = receiver.post("/images/post", r#"{"paths": []}"#).await?;

    assert_eq!((answer.status, answer.body), (StatusCode::ACCEPTED, json!({"images": [], "rejected": []})));
    Ok(())
}

#[tokio::test]
async fn an_image_can_be_looked_at() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.post("/image/post", r#"{"path": "/a.jpg"}"#).await?;

    let answer = receiver.send(receiver::request("GET", "/api/v1/images/1", "")?).await?;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let known = ["id", "path", "status", "person", "error", "faces"].map(|field| &answer.body[field]);
    assert_eq!(json!(known), json!([1, "/a.jpg", "pending", null, null, []]));
    Ok(())
}

#[tokio::test]
async fn while_the_database_cannot_store_a_client_is_told_to_come_again() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    sqlx::query("RENAME TABLE images TO away").execute(receiver.pool()).await?;

    let posted = receiver.post("/image/post", r#"{"path": "/a.jpg"}"#).await?;
    let looked = receiver.send(receiver::request("GET", "/api/v1/images/1", "")?).await?;

    for (case, answer) in [("posted", posted), ("looked at", looked)] {
        answer.expect_problem(case, StatusCode::SERVICE_UNAVAILABLE, "database_unavailable", None);
        assert_eq!(answer.headers[header::RETRY_AFTER], "5");
        assert!(!answer.body.to_string().contains("images"), "the cause is not told: {answer:?}");
    }
    Ok(())
}
