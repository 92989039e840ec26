//! People and results, as they are exported; and how many there are of everything.

use serde_json::Value;

use super::*;

async fn text(receiver: &Receiver, route: &str) -> anyhow::Result<(String, String)> {
    let answer = receiver.send_raw(receiver::request("GET", route, "")?).await?;
    let content_type = answer.headers()[header::CONTENT_TYPE].to_str()?.to_owned();
    Ok((content_type, String::from_utf8(answer.body().to_vec())?))
}

/// Ann, of whom two photos are known and one of Anna, whom she turned out to be; somebody whose name is a formula; and the
/// images that Ann is in.
async fn with_people() -> anyhow::Result<Receiver> {
    let receiver = Receiver::start().await?;
    for path in ["/a,b.jpg", "/c.jpg", "/d.jpg"] {
        receiver.post("/image/post", json!({ "path": path }).to_string()).await?;
    }
    for statement in [
        "INSERT INTO person (id, name) VALUES (1, 'Ann'), (2, '=1+1')",
        "INSERT INTO person (id, name, merged_into) VALUES (3, 'Anna', 1)",
        "INSERT INTO person_images (image_name, person_id) VALUES ('a.jpg', 1), ('b.jpg', 1), ('c.jpg', 3)",
        "UPDATE images SET status = 1, person = 1, created_at = '2024-02-29 12:00:00',
                updated_at = '2024-02-29 12:00:01.5' WHERE id = 1",
        "UPDATE images SET status = 2, error_code = 'file_missing', error_detail = 'it is \"gone\"',
                created_at = '2024-02-29', updated_at = '2024-02-29' WHERE id = 2",
        "UPDATE images SET created_at = '2024-02-29', updated_at = '2024-02-29' WHERE id = 3",
        "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                            embedding, model_id, gallery_revision, outcome, person_id, created_at, updated_at)
         SELECT 1, 0, 0, 1, 1, 1, '[]', '{}', '', 'm', 'g', IF(seq > 3, 'ambiguous', 'identified'), IF(seq = 2, 2, 1),
                UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_4",
    ] {
        sqlx::query(statement).execute(receiver.pool()).await?;
    }
    Ok(receiver)
}

#[tokio::test]
async fn people_are_exported_in_both_forms() -> anyhow::Result<()> {
    let receiver = with_people().await?;

    let csv = text(&receiver, "/api/v1/export/people.csv").await?;
    let json = text(&receiver, "/api/v1/export/people.jsonl").await?;

    let lines = "id,name,photos,images\r\n1,Ann,3,1\r\n2,'=1+1,0,1\r\n";
    assert_eq!(csv, ("text/csv; charset=utf-8; header=present".to_owned(), lines.to_owned()));
    assert_eq!(json.0, "application/jsonl");
    let people: Vec<Value> = json.1.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(people[0], json!({"id": 1, "name": "Ann", "photos": 3, "images": 1}));
    assert_eq!((people.len(), &people[1]["name"]), (2, &json!("=1+1")), "JSON has no formulas");
    Ok(())
}

#[tokio::test]
async fn results_are_exported_in_both_forms() -> anyhow::Result<()> {
    let receiver = with_people().await?;

    let (_, csv) = text(&receiver, "/api/v1/export/results.csv").await?;
    let (_, json) = text(&receiver, "/api/v1/export/results.jsonl").await?;

    let lines: Vec<&str> = csv.split("\r\n").collect();
    let day = "2024-02-29T00:00:00Z";
    let failed = format!("2,/c.jpg,failed,,,,0,file_missing,\"it is \"\"gone\"\"\",{day},{day}");
    assert_eq!(
        lines,
        [
            "id,path,status,reason,person,people,faces,error_code,error_detail,created_at,updated_at",
            "1,\"/a,b.jpg\",processed,,Ann,Ann; =1+1,4,,,2024-02-29T12:00:00Z,2024-02-29T12:00:01.5Z",
            &failed,
            &format!("3,/d.jpg,pending,,,,0,,,{day},{day}"),
            "",
        ]
    );
    let results: Vec<Value> = json.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(results[0]["people"], json!([{"id": 1, "name": "Ann"}, {"id": 2, "name": "=1+1"}]));
    assert_eq!((&results[0]["faces"], &results[1]["error_code"]), (&json!(4), &json!("file_missing")));
    Ok(())
}

#[tokio::test]
async fn an_export_goes_on_over_all_pages() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    for statement in [
        "INSERT INTO images (path, path_hash, next_attempt_at, created_at, updated_at)
         SELECT seq, UNHEX(SHA2(seq, 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_2345",
        "INSERT INTO person (name) SELECT seq FROM seq_1_to_345",
    ] {
        sqlx::query(statement).execute(receiver.pool()).await?;
    }

    let (_, results) = text(&receiver, "/api/v1/export/results.jsonl").await?;
    let (_, people) = text(&receiver, "/api/v1/export/people.csv").await?;

    let mut ids = Vec::new();
    for line in results.lines() {
        ids.push(serde_json::from_str::<Value>(line)?["id"].as_u64());
    }
    let sorted = ids.is_sorted_by(|one, other| one < other);
    assert_eq!((ids.len(), sorted, people.lines().count()), (2_345, true, 346));
    Ok(())
}

#[tokio::test]
async fn without_anything_an_export_is_its_head() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;

    assert_eq!(text(&receiver, "/api/v1/export/people.csv").await?.1, "id,name,photos,images\r\n");
    assert_eq!(text(&receiver, "/api/v1/export/results.jsonl").await?.1, "");
    Ok(())
}

#[tokio::test]
async fn everything_is_counted() -> anyhow::Result<()> {
    let receiver = with_people().await?;
    sqlx::query(
        "UPDATE images SET status = 4, reason = 'ambiguous', created_at = UTC_TIMESTAMP(6) - INTERVAL 3 SECOND,
                updated_at = created_at + INTERVAL 2 SECOND WHERE id = 3",
    )
    .execute(receiver.pool())
    .await?;

    let statistics = receiver.get("/api/v1/statistics").await?.body;

    let expected = json!({
        "images": {"pending": 0, "processing": 0, "processed": 1, "failed": 1, "unresolved": 1},
        "reasons": {"no_face": 0, "low_quality": 0, "unknown_face": 0, "ambiguous": 1},
        "faces": {"identified": 3, "unknown": 0, "ambiguous": 1, "low_quality": 0},
        "people": 2,
        "known_photos": 3,
        "last_hour": {"results": 1, "median_seconds": 2.0, "p95_seconds": 2.0},
    });
    assert_eq!(statistics, expected);
    Ok(())
}
