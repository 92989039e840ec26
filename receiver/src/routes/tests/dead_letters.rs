//! Images that failed are listed and put back, by whoever may.

use std::fs;

use axum::{body::Body, http::Request};
use serde_json::Value;
use service_kit::bearer::{Access, BearerToken};

use super::{
    receiver::{Answer, request},
    *,
};

const REDRIVE: &str = "/api/v1/dead-letters/redrive";

/// Posts pictures and has them fail for good, but for the last, which is still pending. Their ids.
async fn with_failed(receiver: &Receiver, count: usize) -> anyhow::Result<Vec<u64>> {
    let mut ids = Vec::new();
    for number in 0..=count {
        let body = json!({ "path": format!("/{number}.jpg") }).to_string();
        let posted = receiver.post("/image/post", body).await?;
        ids.push(posted.body["id"].as_u64().ok_or_else(|| anyhow::anyhow!("{posted:?}"))?);
    }
    sqlx::query(
        "UPDATE images SET status = 2, error_code = IF(id = ?, 'file_missing', 'engine_failed'),
                           error_detail = 'it hurts', attempts = 5, losses = 2, rounds = 3 WHERE id <> ?",
    )
    .bind(ids[0])
    .bind(ids[count])
    .execute(receiver.pool())
    .await?;
    sqlx::query("DELETE FROM outbox").execute(receiver.pool()).await?;
    Ok(ids)
}

fn json_request(route: &str, body: &Value) -> anyhow::Result<Request<Body>> {
    let mut request = request("POST", route, body.to_string())?;
    request.headers_mut().insert(header::CONTENT_TYPE, "application/json; charset=utf-8".parse()?);
    Ok(request)
}

async fn redrive(receiver: &Receiver, body: Value) -> anyhow::Result<Answer> {
    receiver.send(json_request(REDRIVE, &body)?).await
}

async fn announced(receiver: &Receiver) -> anyhow::Result<Vec<u64>> {
    let due = "SELECT image_id FROM outbox WHERE due_at <= UTC_TIMESTAMP(6) AND topic = 'images' ORDER BY id";
    Ok(sqlx::query_scalar(due).fetch_all(receiver.pool()).await?)
}

#[tokio::test]
async fn a_failed_image_that_is_tried_again_is_as_if_it_were_new() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let ids = with_failed(&receiver, 1).await?;
    sqlx::query("UPDATE images SET lease_token = 7").execute(receiver.pool()).await?;

    let answer = receiver.post(&format!("/api/v1/images/{}/retry", ids[0]), "").await?;

    assert_eq!((answer.status, &answer.body["id"]), (StatusCode::OK, &json!(ids[0])), "{answer:?}");
    for (field, value) in [
        ("status", json!("pending")),
        ("error", Value::Null),
        ("attempts", json!(0)),
        ("losses", json!(0)),
        ("rounds", json!(0)),
    ] {
        assert_eq!(answer.body[field], value, "{field} of {answer:?}");
    }
    let token: u64 = sqlx::query_scalar("SELECT lease_token FROM images WHERE id = ?")
        .bind(ids[0])
        .fetch_one(receiver.pool())
        .await?;
    assert_eq!((token, announced(&receiver).await?), (8, vec![ids[0]]));
    Ok(())
}

#[tokio::test]
async fn only_an_image_that_failed_is_tried_again() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let ids = with_failed(&receiver, 1).await?;

    let pending = receiver.post(&format!("/api/v1/images/{}/retry", ids[1]), "").await?;
    let unknown = receiver.post("/api/v1/images/4711/retry", "").await?;
    let no_number = receiver.post("/api/v1/images/x/retry", "").await?;

    pending.expect_problem("it is pending", StatusCode::CONFLICT, "not_failed", None);
    assert_eq!(pending.headers.get(header::RETRY_AFTER), None, "waiting does not help");
    unknown.expect_problem("there is none", StatusCode::NOT_FOUND, "unknown_image", None);
    no_number.expect_problem("no id", StatusCode::UNPROCESSABLE_ENTITY, "wrong_shape", Some("id"));
    assert_eq!(announced(&receiver).await?, [0; 0]);
    Ok(())
}

#[tokio::test]
async fn dead_letters_are_put_back_by_id_by_code_or_all() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let ids = with_failed(&receiver, 5).await?;

    let by_id = redrive(&receiver, json!({ "ids": [ids[4], ids[5], 4711, ids[4]] })).await?;
    let by_code = redrive(&receiver, json!({ "code": "file_missing" })).await?;
    let again = redrive(&receiver, json!({ "code": "file_missing" })).await?;
    let all = redrive(&receiver, json!({ "all": true })).await?;

    let told = |put_back: u64| json!({ "put_back": put_back, "unknown": [], "not_dead": [], "more": false });
    assert_eq!(by_id.body, json!({ "put_back": 1, "unknown": [4711], "not_dead": [ids[5]], "more": false }));
    assert_eq!((by_code.body, again.body, all.body), (told(1), told(0), told(3)));
    assert_eq!(announced(&receiver).await?, [ids[4], ids[0], ids[1], ids[2], ids[3]]);
    Ok(())
}

#[tokio::test]
async fn more_dead_letters_than_one_transaction_takes_are_put_back_in_several() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    sqlx::query(
        "INSERT INTO images (path, path_hash, status, next_attempt_at, created_at, updated_at)
         SELECT seq, UNHEX(SHA2(seq, 256)), 2, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
         FROM seq_1_to_600",
    )
    .execute(receiver.pool())
    .await?;

    let all = redrive(&receiver, json!({ "all": true })).await?;

    assert_eq!(all.body["put_back"], 600, "{all:?}");
    assert_eq!(receiver.count_stored().await?, (600, 600));
    Ok(())
}

#[tokio::test]
async fn a_choice_that_is_none_or_several_is_refused() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let ids = with_failed(&receiver, 1).await?;
    let many: Vec<u64> = (0..1_001).collect();

    for (body, code, field) in [
        (json!({}), "wrong_shape", None),
        (json!({ "all": false }), "wrong_shape", None),
        (json!({ "all": true, "code": "x" }), "wrong_shape", None),
        (json!({ "ids": [1], "all": true }), "wrong_shape", None),
        (json!({ "id": 1 }), "wrong_shape", None),
        (json!({ "ids": many }), "too_many_ids", Some("ids")),
    ] {
        let answer = redrive(&receiver, body.clone()).await?;

        answer.expect_problem(&body.to_string(), StatusCode::UNPROCESSABLE_ENTITY, code, field);
    }
    let not_said = receiver.post(REDRIVE, r#"{"all": true}"#).await?;
    not_said.expect_problem("no media type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", None);
    let (status, _): (u8, u64) = sqlx::query_as("SELECT status, id FROM images WHERE id = ?")
        .bind(ids[0])
        .fetch_one(receiver.pool())
        .await?;
    assert_eq!(status, 2);
    Ok(())
}

#[tokio::test]
async fn dead_letters_are_listed_newest_first_a_page_at_a_time() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let ids = with_failed(&receiver, 3).await?;
    sqlx::query("UPDATE images SET retryable = TRUE WHERE id = ?")
        .bind(ids[1])
        .execute(receiver.pool())
        .await?;
    let page = async |query: &str| {
        let answer = receiver.send(request("GET", &format!("/api/v1/dead-letters{query}"), "")?).await?;
        anyhow::Ok(answer)
    };

    let first = page("?limit=1").await?;
    let second = page(&format!("?limit=1&before={}", ids[2])).await?;
    let last = page(&format!("?before={}", ids[0])).await?;
    let whole = page("").await?;

    let letter = &first.body["dead_letters"][0];
    assert_eq!((&letter["id"], &letter["path"]), (&json!(ids[2]), &json!("/2.jpg")), "{first:?}");
    assert_eq!(letter["error"], json!({ "code": "engine_failed", "detail": "it hurts" }));
    assert_eq!(
        (&letter["attempts"], &letter["losses"], &letter["rounds"]),
        (&json!(5), &json!(2), &json!(3))
    );
    assert_eq!((&first.body["next_before"], &second.body["next_before"]), (&json!(ids[2]), &json!(ids[0])));
    assert_eq!(second.body["dead_letters"][0]["id"], ids[0], "one that is tried again is none");
    assert_eq!(last.body, json!({ "dead_letters": [], "next_before": null }));
    assert_eq!(whole.body["dead_letters"].as_array().map(Vec::len), Some(2), "{whole:?}");
    let limit = Some("limit");
    for (wrong, field) in [("?limit=0", limit), ("?limit=501", limit), ("?limit=x", None), ("?after=1", None)]
    {
        let answer = page(wrong).await?;
        answer.expect_problem(wrong, StatusCode::UNPROCESSABLE_ENTITY, "wrong_query", field);
    }
    Ok(())
}

#[tokio::test]
async fn with_a_token_only_who_shows_it_changes_something_and_everybody_reads() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("token"), "s3cret\n")?;
    let access = Access::Token(BearerToken::read(&folder.path().join("token"))?);
    let receiver = Receiver::start_for(access).await?;
    let ids = with_failed(&receiver, 1).await?;

    for route in [REDRIVE.to_owned(), format!("/api/v1/images/{}/retry", ids[0])] {
        for wrong in [None, Some("Bearer wrong"), Some("s3cret")] {
            let mut request = json_request(&route, &json!({ "all": true }))?;
            if let Some(wrong) = wrong {
                request.headers_mut().insert(header::AUTHORIZATION, wrong.parse()?);
            }
            let refused = receiver.send(request).await?;
            refused.expect_problem(&route, StatusCode::UNAUTHORIZED, "token_missing", None);
            assert_eq!(refused.headers[header::WWW_AUTHENTICATE], "Bearer");
        }
    }
    let listed = receiver.send(request("GET", "/api/v1/dead-letters", "")?).await?;
    let mut with_token = json_request(REDRIVE, &json!({ "all": true }))?;
    with_token.headers_mut().insert(header::AUTHORIZATION, "Bearer s3cret".parse()?);
    let admitted = receiver.send(with_token).await?;

    assert_eq!(listed.status, StatusCode::OK);
    assert_eq!((admitted.status, &admitted.body["put_back"]), (StatusCode::OK, &json!(1)), "{admitted:?}");
    Ok(())
}

#[tokio::test]
async fn without_a_token_nobody_changes_something_from_afar_nor_through_a_browser() -> anyhow::Result<()> {
    let (far, near) = (Receiver::start_for(Access::Closed).await?, Receiver::start().await?);
    let mut from_elsewhere = json_request(REDRIVE, &json!({ "all": true }))?;
    from_elsewhere.headers_mut().insert(header::ORIGIN, "https://example.org".parse()?);

    let refused = redrive(&far, json!({ "all": true })).await?;
    let foreign = near.send(from_elsewhere).await?;
    let local = redrive(&near, json!({ "all": true })).await?;

    refused.expect_problem("from afar", StatusCode::FORBIDDEN, "not_local", None);
    assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.contains("API_TOKEN_FILE")));
    foreign.expect_problem("another site", StatusCode::FORBIDDEN, "foreign_origin", None);
    assert_eq!(local.status, StatusCode::OK);
    Ok(())
}
