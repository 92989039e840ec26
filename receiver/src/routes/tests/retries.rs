//! Pictures that are to be looked at again: the wish of a client, and what it reads about later attempts.

use serde_json::Value;

use super::*;

async fn image(receiver: &Receiver) -> anyhow::Result<Value> {
    Ok(receiver.send(receiver::request("GET", "/api/v1/images/1", "")?).await?.body)
}

#[tokio::test]
async fn a_picture_with_a_result_is_pending_again_when_a_client_asks_for_it() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.post("/image/post", r#"{"path": "/a.jpg"}"#).await?;
    sqlx::query("UPDATE images SET status = 4, reason = 'no_face'").execute(receiver.pool()).await?;

    let kept = receiver.post("/image/post", r#"{"path": "/a.jpg", "rerun": false}"#).await?;
    let again = receiver.post("/image/post", r#"{"path": "/a.jpg", "rerun": true}"#).await?;

    let told = |status| json!({"id": 1, "path": "/a.jpg", "status": status, "created": false});
    assert_eq!((kept.status, kept.body), (StatusCode::OK, told("unresolved")));
    assert_eq!((again.status, again.body), (StatusCode::OK, told("pending")));
    let image = image(&receiver).await?;
    assert_eq!((&image["status"], &image["reason"]), (&json!("pending"), &Value::Null));
    assert_eq!(receiver.count_stored().await?, (1, 2));
    Ok(())
}

#[tokio::test]
async fn a_picture_that_is_being_looked_at_is_left_alone() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.post("/image/post", r#"{"path": "/a.jpg"}"#).await?;
    sqlx::query("UPDATE images SET status = 3").execute(receiver.pool()).await?;

    let again = receiver.post("/image/post", r#"{"path": "/a.jpg", "rerun": true}"#).await?;

    assert_eq!((again.status, &again.body["status"]), (StatusCode::OK, &json!("processing")));
    assert_eq!(receiver.count_stored().await?, (1, 1));
    Ok(())
}

#[tokio::test]
async fn each_path_of_a_batch_has_its_own_wish() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let paths = r#"{"paths": [{"path": "/a.jpg"}, {"path": "/b.jpg", "rerun": true}]}"#;
    receiver.post("/images/post", paths).await?;
    sqlx::query("UPDATE images SET status = 4, reason = 'no_face'").execute(receiver.pool()).await?;

    let answer = receiver.post("/images/post", paths).await?;

    let states: Vec<&Value> =
        answer.body["images"].as_array().into_iter().flatten().map(|image| &image["status"]).collect();
    assert_eq!(states, ["unresolved", "pending"]);
    Ok(())
}

#[tokio::test]
async fn a_picture_that_waits_for_its_next_attempt_tells_when_it_is() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.post("/image/post", r#"{"path": "/a.jpg"}"#).await?;
    let fields =
        |image: &Value| json!(["next_attempt_at", "losses", "rounds", "attempts"].map(|name| &image[name]));
    assert_eq!(fields(&image(&receiver).await?), json!([null, 0, 0, 0]));

    sqlx::query(
        "UPDATE images SET attempts = 2, losses = 3, rounds = 1, next_attempt_at = '2999-12-31 23:59:59'",
    )
    .execute(receiver.pool())
    .await?;
    assert_eq!(fields(&image(&receiver).await?), json!(["2999-12-31T23:59:59Z", 3, 1, 2]));

    sqlx::query("UPDATE images SET status = 3").execute(receiver.pool()).await?;
    assert_eq!(fields(&image(&receiver).await?), json!([null, 3, 1, 2]));
    Ok(())
}
