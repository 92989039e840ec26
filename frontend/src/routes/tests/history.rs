//! Who changed what.

use super::*;

impl Frontend {
    async fn insert_change(
        &self,
        action: &str,
        person: Option<u64>,
        image: Option<u64>,
        detail: &str,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO audit_entries (at, actor, action, person_id, image_id, detail)
             VALUES ('2024-02-29 12:00:00', '<i>Ann', ?, ?, ?, ?)",
        )
        .bind(action)
        .bind(person)
        .bind(image)
        .bind(detail)
        .execute(self.pool())
        .await?;
        Ok(())
    }
}

#[tokio::test]
async fn changes_are_sentences_newest_first_of_all_or_of_one() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.get("/history").await?.expect(StatusCode::OK, &["Nothing was changed yet"]);
    let bob = frontend.insert_person("Bob").await?;
    frontend.insert_images(1).await?;
    frontend.insert_change("person_renamed", Some(bob), None, r#"{"from": "<b>Rob", "to": "Bob"}"#).await?;
    frontend.insert_change("image_rerun", None, Some(1), "{}").await?;
    frontend.insert_change("image_rerun", None, Some(99), "{}").await?;

    let all = frontend.get("/history").await?;
    let of_bob = frontend.get(&format!("/history?person={bob}")).await?;
    let of_image = frontend.get("/history?image=1").await?;

    all.expect(
        StatusCode::OK,
        &[
            "&#60;i&#62;Ann renamed &#60;b&#62;Rob to Bob.",
            "<a href=\"/people/1\">Bob</a>",
            "<a href=\"/images/1\">Picture 1</a>",
            "2024-02-29 12:00:00",
        ],
    );
    all.expect_absent(&["<i>", "<b>", "/images/99"]);
    of_bob.expect(StatusCode::OK, &["History of <a href=\"/people/1\">Bob</a>", "renamed"]);
    of_bob.expect_absent(&["another look"]);
    of_image.expect(StatusCode::OK, &["History of <a href=\"/images/1\">picture 1</a>", "another look"]);
    of_image.expect_absent(&["renamed"]);
    for wrong in ["/history?person=x", "/history?person=1&image=1", "/history?before=-1"] {
        frontend.get(wrong).await?.expect(StatusCode::BAD_REQUEST, &["This address is not right"]);
    }
    Ok(())
}

#[tokio::test]
async fn changes_come_in_pages() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    for _ in 1..=51 {
        frontend.insert_change("image_rerun", None, Some(1), "{}").await?;
    }

    let first = frontend.get("/history?image=1").await?;
    let second = frontend.get("/history?image=1&before=2").await?;

    first.expect(StatusCode::OK, &["href=\"/history?image=1&#38;before=2\" rel=\"next\""]);
    second.expect(StatusCode::OK, &["href=\"/history?image=1\">Newest"]);
    assert_eq!((first.text.matches("<li>").count(), second.text.matches("<li>").count()), (50, 1));
    Ok(())
}
