//! Pages of images, as a client reads them.

use serde_json::Value;

use super::*;

/// Ten images; each second one is processed and shows John Doe, the fifth failed.
async fn with_images() -> anyhow::Result<Receiver> {
    let receiver = Receiver::start().await?;
    for number in 1..=10 {
        receiver.post("/image/post", json!({ "path": format!("/{number}.jpg") }).to_string()).await?;
    }
    sqlx::query("INSERT INTO person (id, name) VALUES (1, 'John Doe')").execute(receiver.pool()).await?;
    sqlx::query("UPDATE images SET status = 1, person = 1, width = 40, height = 30 WHERE id % 2 = 0")
        .execute(receiver.pool())
        .await?;
    sqlx::query(
        "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                            embedding, model_id, gallery_revision, outcome, person_id, created_at, updated_at)
         SELECT id, 0, 0, 1, 1, 1, '[]', '{}', '', 'm', 'g', 'identified', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
         FROM images WHERE status = 1",
    )
    .execute(receiver.pool())
    .await?;
    sqlx::query(
        "UPDATE images SET status = 2, error_code = 'file_missing', error_detail = 'gone',
                created_at = '2024-02-29 12:00:00', updated_at = '2024-02-29 12:00:01' WHERE id = 5",
    )
    .execute(receiver.pool())
    .await?;
    Ok(receiver)
}

fn ids(page: &Value) -> Vec<u64> {
    page["images"].as_array().into_iter().flatten().filter_map(|image| image["id"].as_u64()).collect()
}

async fn page(receiver: &Receiver, query: &str) -> anyhow::Result<Value> {
    let answer = receiver.get(&format!("/api/v1/images{query}")).await?;
    anyhow::ensure!(answer.status == StatusCode::OK, "{query}: {answer:?}");
    Ok(answer.body)
}

#[tokio::test]
async fn pages_follow_each_other_by_their_cursors_while_images_arrive() -> anyhow::Result<()> {
    let receiver = with_images().await?;
    let (mut seen, mut query) = (Vec::new(), "?limit=4".to_owned());
    loop {
        let page = page(&receiver, &query).await?;
        seen.push(ids(&page));
        receiver
            .post("/image/post", json!({ "path": format!("/new{}.jpg", seen.len()) }).to_string())
            .await?;
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=4&cursor={next}");
    }

    assert_eq!(seen, [vec![10, 9, 8, 7], vec![6, 5, 4, 3], vec![2, 1]]);
    Ok(())
}

#[tokio::test]
async fn each_filter_chooses_its_images() -> anyhow::Result<()> {
    let receiver = with_images().await?;
    let processed = vec![10, 8, 6, 4, 2];
    let table = [
        ("?status=processed", processed.clone()),
        ("?status=failed", vec![5]),
        ("?reason=no_face", vec![]),
        ("?person=John%20Doe", processed),
        ("?person=John%20Doe&q=1", vec![10]),
        ("?person=nobody", vec![]),
        ("?q=1.JPG", vec![1]),
        ("?until=2024-03-01", vec![5]),
        ("?from=2024-02-29T12:00:00Z&until=2024-02-29T12:00:01Z", vec![5]),
        ("?until=2024-02-29T12:00", vec![]),
        ("?status=pending&q=7", vec![7]),
    ];
    for (query, expected) in table {
        assert_eq!(ids(&page(&receiver, query).await?), expected, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn an_image_of_a_list_tells_what_came_of_it() -> anyhow::Result<()> {
    let receiver = with_images().await?;

    let failed = page(&receiver, "?status=failed").await?;
    let named = page(&receiver, "?status=processed&limit=1").await?;

    let image = json!({
        "id": 5, "path": "/5.jpg", "status": "failed", "reason": null, "person": null,
        "error": {"code": "file_missing", "detail": "gone", "retryable": false}, "width": null, "height": null,
        "created_at": "2024-02-29T12:00:00Z", "updated_at": "2024-02-29T12:00:01Z"
    });
    assert_eq!(failed, json!({"images": [image], "next": null, "looked_to": null}));
    let named = &named["images"][0];
    assert_eq!((&named["person"], &named["width"]), (&json!({"id": 1, "name": "John Doe"}), &json!(40)));
    Ok(())
}

#[tokio::test]
async fn the_pictures_of_somebody_are_found_by_the_name_that_they_had_before_a_merge() -> anyhow::Result<()> {
    let receiver = with_images().await?;
    sqlx::query("INSERT INTO person (name, merged_into) VALUES ('Johnny', 1)")
        .execute(receiver.pool())
        .await?;

    assert_eq!(ids(&page(&receiver, "?person=Johnny&limit=2").await?), [10, 8]);
    Ok(())
}

#[tokio::test]
async fn a_search_that_uses_its_budget_up_says_how_far_it_looked() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    sqlx::query(
        "INSERT INTO images (id, path, path_hash, next_attempt_at, created_at, updated_at)
         SELECT seq, CONCAT('/', IF(seq = 7, 'needle', seq)), UNHEX(SHA2(seq, 256)), UTC_TIMESTAMP(6),
                UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
         FROM seq_1_to_12000",
    )
    .execute(receiver.pool())
    .await?;

    let first = page(&receiver, "?q=needle").await?;
    let next = first["next"].as_str().expect("there is more").to_owned();
    let second = page(&receiver, &format!("?q=needle&cursor={next}")).await?;

    assert_eq!((ids(&first), &first["looked_to"]), (vec![], &json!(2_001)));
    assert_eq!((ids(&second), &second["looked_to"], &second["next"]), (vec![7], &Value::Null, &Value::Null));
    Ok(())
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused_by_the_word() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let table = [
        ("?status=broken", "wrong_query", Some("status")),
        ("?reason=ugly", "wrong_query", Some("reason")),
        ("?status=failed&reason=no_face", "wrong_query", Some("reason")),
        ("?from=yesterday", "wrong_query", Some("from")),
        ("?until=2024-02-30", "wrong_query", Some("until")),
        ("?limit=0", "wrong_query", Some("limit")),
        ("?limit=501", "wrong_query", Some("limit")),
        ("?limit=many", "wrong_query", None),
        ("?colour=red", "wrong_query", None),
        ("?q=a&q=b", "wrong_query", None),
        ("?cursor=7", "wrong_cursor", Some("cursor")),
    ];
    for (query, code, field) in table {
        let answer = receiver.get(&format!("/api/v1/images{query}")).await?;
        answer.expect_problem(query, StatusCode::UNPROCESSABLE_ENTITY, code, field);
    }
    Ok(())
}
