//! Requests that name themselves with an `Idempotency-Key`.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Request, Response},
};
use sqlx::MySqlPool;

use super::*;

const ROUTE: &str = "/image/post";
const BODY: &str = r#"{"path": "/a.jpg"}"#;

fn with_key(route: &str, key: &str, body: impl Into<Body>) -> anyhow::Result<Request<Body>> {
    let mut request = receiver::request("POST", route, body)?;
    request.headers_mut().insert("idempotency-key", key.parse()?);
    Ok(request)
}

fn told(response: &Response<Bytes>) -> (StatusCode, Option<&[u8]>, &Bytes) {
    let content_type = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    (response.status(), content_type, response.body())
}

async fn end_leases(pool: &MySqlPool) -> sqlx::Result<()> {
    sqlx::query("UPDATE idempotency_keys SET lease_until = UTC_TIMESTAMP(6)").execute(pool).await?;
    Ok(())
}

/// Leaves a request as a receiver does that is still at it, or died before it could keep its answer.
async fn leave_in_work(receiver: &Receiver, key: &str) -> anyhow::Result<()> {
    receiver.send(with_key(ROUTE, key, BODY)?).await?;
    sqlx::query("UPDATE idempotency_keys SET status = NULL, body = NULL WHERE name = ?")
        .bind(key)
        .execute(receiver.pool())
        .await?;
    Ok(())
}

#[tokio::test]
async fn the_same_request_again_gets_the_first_answer_to_the_byte() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let batch = r#"{"paths": [{"path": "/b.jpg"}, {"path": "/../c.jpg"}]}"#;
    for (route, body) in
        [(ROUTE, BODY), ("/images/post", batch), (ROUTE, r#"{"path": "/"}"#), (ROUTE, "no JSON")]
    {
        let key = format!("key of {body}");
        let first = receiver.send_raw(with_key(route, &key, body)?).await?;

        let again = receiver.send_raw(with_key(route, &key, body)?).await?;

        assert_eq!(told(&again), told(&first), "{body}");
        assert!(!first.headers().contains_key("idempotency-replayed"), "{body}");
        assert_eq!(again.headers()["idempotency-replayed"], "true", "{body}");
    }
    assert_eq!(receiver.count_stored().await?, (2, 2));
    Ok(())
}

#[tokio::test]
async fn a_replay_does_nothing() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.send(with_key(ROUTE, "a", BODY)?).await?;
    sqlx::query("UPDATE images SET status = 2").execute(receiver.pool()).await?;

    let again = receiver.send(with_key(ROUTE, "a", BODY)?).await?;

    assert_eq!((again.status, &again.body["created"]), (StatusCode::ACCEPTED, &json!(true)));
    assert_eq!(receiver.count_stored().await?, (1, 1));
    Ok(())
}

#[tokio::test]
async fn a_key_with_and_without_quotes_is_the_same() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.send(with_key(ROUTE, "a", BODY)?).await?;

    let again = receiver.send(with_key(ROUTE, "\"a\"", BODY)?).await?;

    assert_eq!(again.headers["idempotency-replayed"], "true");
    Ok(())
}

#[tokio::test]
async fn a_key_that_stands_for_another_request_is_refused() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.send(with_key(ROUTE, "a", BODY)?).await?;

    let other = receiver.send(with_key(ROUTE, "a", r#"{"path": "/b.jpg"}"#)?).await?;

    let status = StatusCode::UNPROCESSABLE_ENTITY;
    other.expect_problem("another body", status, "idempotency_key_reused", Some("idempotency-key"));
    assert_eq!(receiver.count_stored().await?, (1, 1));
    Ok(())
}

#[tokio::test]
async fn keys_belong_to_their_route() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.send(with_key(ROUTE, "a", BODY)?).await?;

    let other = receiver.send(with_key("/images/post", "a", r#"{"paths": []}"#)?).await?;

    assert_eq!(other.status, StatusCode::ACCEPTED, "{other:?}");
    Ok(())
}

#[tokio::test]
async fn while_the_first_request_is_in_work_the_same_one_is_told_to_wait() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    leave_in_work(&receiver, "a").await?;

    let second = receiver.send(with_key(ROUTE, "a", BODY)?).await?;

    second.expect_problem("in work", StatusCode::CONFLICT, "idempotency_key_in_progress", None);
    assert_eq!(second.headers[header::RETRY_AFTER], "1");
    Ok(())
}

#[tokio::test]
async fn a_request_whose_receiver_died_is_done_again_when_its_lease_is_over() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    leave_in_work(&receiver, "a").await?;
    end_leases(receiver.pool()).await?;

    let again = receiver.send(with_key(ROUTE, "a", BODY)?).await?;

    assert_eq!((again.status, &again.body["created"]), (StatusCode::OK, &json!(false)), "{again:?}");
    assert!(!again.headers.contains_key("idempotency-replayed"));
    let replayed = receiver.send(with_key(ROUTE, "a", BODY)?).await?;
    assert_eq!((replayed.status, replayed.body), (StatusCode::OK, again.body));
    Ok(())
}

#[tokio::test]
async fn an_answer_that_blames_us_is_not_kept() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    sqlx::query("RENAME TABLE images TO away").execute(receiver.pool()).await?;
    let failed = receiver.send(with_key(ROUTE, "a", BODY)?).await?;
    failed.expect_problem("no table", StatusCode::SERVICE_UNAVAILABLE, "database_unavailable", None);
    sqlx::query("RENAME TABLE away TO images").execute(receiver.pool()).await?;

    let again = receiver.send(with_key(ROUTE, "a", BODY)?).await?;

    assert_eq!(again.status, StatusCode::ACCEPTED, "{again:?}");
    Ok(())
}

#[tokio::test]
async fn a_bad_key_is_refused_and_nothing_is_stored() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let too_long = "x".repeat(256);
    for key in ["", "\"\"", "\"open", &too_long] {
        let answer = receiver.send(with_key(ROUTE, key, BODY)?).await?;

        let status = StatusCode::BAD_REQUEST;
        answer.expect_problem(key, status, "idempotency_key_malformed", Some("idempotency-key"));
    }
    assert_eq!(receiver.count_stored().await?, (0, 0));
    Ok(())
}

#[test]
fn the_lease_outlasts_every_request() {
    use crate::routes::{REQUEST_TIMEOUT, idempotency::LEASE};

    assert!(LEASE > REQUEST_TIMEOUT + Duration::from_secs(1));
}

#[tokio::test]
async fn a_request_without_a_key_leaves_no_trace_of_one() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    sqlx::query("DROP TABLE idempotency_keys").execute(receiver.pool()).await?;

    let answer = receiver.post(ROUTE, BODY).await?;

    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    Ok(())
}
