//! People: their cards, their pages, their forms.

use serde_json::{Value, json};

use super::*;

const HOSTILE: &str = "<b>\"Ann\" & 'co'";
const ESCAPED: &str = "&#60;b&#62;&#34;Ann&#34; &#38; &#39;co&#39;";

impl Frontend {
    pub(super) async fn insert_photo(&self, photo: &str, person: u64) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO person_images (image_name, person_id) VALUES (?, ?)")
            .bind(photo)
            .bind(person)
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// Somebody turns out to be somebody else.
    async fn merge(&self, from: u64, into: u64) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO person_merges (from_person, into_person, created_at) VALUES (?, ?, '2024-02-29 12:00:00')")
            .bind(from)
            .bind(into)
            .execute(self.pool())
            .await?;
        sqlx::query("UPDATE person SET merged_into = ? WHERE id = ?")
            .bind(into)
            .bind(from)
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

#[tokio::test]
async fn everybody_has_a_card_with_a_face_and_what_is_known() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.get("/people").await?.expect(StatusCode::OK, &["Nobody is known yet", "Add person"]);
    let ann = frontend.insert_person(HOSTILE).await?;
    let gone = frontend.insert_person("Gone").await?;
    frontend.insert_person("Zoë").await?;
    frontend.merge(gone, ann).await?;
    frontend.insert_photo("ann #1.jpg", ann).await?;
    frontend.insert_photo("gone.jpg", gone).await?;
    frontend.insert_images(1).await?;
    frontend.insert_face(1, "identified", Some("Zoë"), (1, 1, 9, 9)).await?;

    let page = frontend.get("/people").await?;

    page.expect(
        StatusCode::OK,
        &[
            ESCAPED,
            "2 known photos",
            "src=\"/known-photos/ann%20%231.jpg\"",
            "no known photo",
            "1 picture<",
            "src=\"/faces/1/crop\"",
            "href=\"/export/people.csv\"",
        ],
    );
    page.expect_absent(&["<b>", "Gone"]);
    Ok(())
}

#[tokio::test]
async fn people_come_in_pages_and_are_found_by_their_names() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    for number in 1..=25 {
        frontend.insert_person(&format!("Person {number:02}")).await?;
    }

    let first = frontend.get("/people").await?;
    let second = frontend.get("/people?after=Person+24").await?;
    let found = frontend.get("/people?q=SON+07").await?;

    first.expect(
        StatusCode::OK,
        &["Person 01", "Person 24", "href=\"/people?after=Person+24\" rel=\"next\">Next"],
    );
    first.expect_absent(&["Person 25", ">First<"]);
    second.expect(StatusCode::OK, &["Person 25", "href=\"/people\">First"]);
    second.expect_absent(&["Person 24<", "rel=\"next\""]);
    found.expect(StatusCode::OK, &["Person 07", "value=\"SON 07\"", "Clear"]);
    found.expect_absent(&["Person 08"]);
    frontend.get("/people?q=nobody").await?.expect(StatusCode::OK, &["Nobody is called like that"]);
    let long = format!("/people?q={}", "x".repeat(256));
    frontend.get(&long).await?.expect(StatusCode::BAD_REQUEST, &["at most 255 characters"]);
    Ok(())
}

#[tokio::test]
async fn somebody_has_a_page_with_photos_pictures_and_merges() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let ann = frontend.insert_person(HOSTILE).await?;
    let bob = frontend.insert_person("Bob").await?;
    frontend.merge(bob, ann).await?;
    frontend.insert_photo("bob.jpg", bob).await?;
    frontend.insert_images(2).await?;
    frontend.insert_face(2, "identified", Some(HOSTILE), (1, 1, 9, 9)).await?;

    let page = frontend.get(&format!("/people/{ann}")).await?;

    page.expect(
        StatusCode::OK,
        &[
            &format!("<h1 class=\"title\">{ESCAPED}</h1>"),
            "src=\"/known-photos/bob.jpg\"",
            "of Bob",
            "href=\"/people/1/photos/forget?photo=bob.jpg\"",
            "href=\"/images/2\"",
            "<strong>Bob</strong> was merged",
            "2024-02-29 12:00:00",
            "action=\"/people/1/merges/1/undo\"",
            "href=\"/history?person=1\"",
            "enctype=\"multipart/form-data\"",
        ],
    );
    page.expect_absent(&["<b>", "href=\"/images/1\""]);
    assert_eq!(frontend.get(&format!("/people/{bob}")).await?.redirect().to, "/people/1", "Bob is Ann");
    frontend.get("/people/9").await?.expect(StatusCode::NOT_FOUND, &["There is no such page"]);
    Ok(())
}

#[tokio::test]
async fn each_form_of_a_person_asks_the_api_for_its_change() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    for name in ["Ann", "Bob"] {
        frontend.insert_person(name).await?;
    }
    let bob = json!({ "id": 2, "name": "Bob" });
    let table = [
        (
            "/people",
            vec![("name", "Bob")],
            "POST /api/v1/people",
            json!({ "name": "Bob" }),
            StatusCode::CREATED,
            bob.clone(),
            "/people/2",
            "Bob is added.",
        ),
        (
            "/people/1/rename",
            vec![("name", "Anna")],
            "PATCH /api/v1/people/1",
            json!({ "name": "Anna" }),
            StatusCode::OK,
            bob.clone(),
            "/people/1",
            "Renamed to Anna.",
        ),
        (
            "/people/1/merge",
            vec![("into", "2")],
            "POST /api/v1/people/1/merge",
            json!({ "into": 2 }),
            StatusCode::OK,
            json!({ "merge": 5, "person": bob }),
            "/people/2",
            "Both are Bob now.",
        ),
        (
            "/people/1/merges/5/undo",
            vec![],
            "POST /api/v1/merges/5/undo",
            json!({}),
            StatusCode::OK,
            json!({ "person": bob }),
            "/people/2",
            "Bob is a person of their own again.",
        ),
        (
            "/people/1/delete",
            vec![],
            "DELETE /api/v1/people/1",
            Value::Null,
            StatusCode::NO_CONTENT,
            Value::Null,
            "/people",
            "The person is deleted.",
        ),
        (
            "/people/1/photos/forget",
            vec![("photo", "a b.jpg")],
            "DELETE /api/v1/known-photos/a%20b.jpg",
            Value::Null,
            StatusCode::NO_CONTENT,
            Value::Null,
            "/people/1",
            "a b.jpg is forgotten.",
        ),
    ];
    for (form, fields, what, body, status, answer, to, told) in table {
        frontend.api.answers(what, status, answer);

        let answer = frontend.post(form, &fields).await?.redirect();

        assert_eq!(frontend.api.asked_json(), [(what.to_owned(), body)]);
        assert_eq!(answer.to, to, "{form}");
        frontend.follow_redirect(&answer).await?.expect(StatusCode::OK, &["class=\"notice done\"", told]);
        frontend.api.refuses(what, StatusCode::CONFLICT, "name_taken");
        let refused = frontend.post(form, &fields).await?.redirect();
        assert_eq!(refused.to, if form == "/people" { "/people" } else { "/people/1" }, "{form}");
        frontend
            .follow_redirect(&refused)
            .await?
            .expect(StatusCode::OK, &["Somebody is called that already."]);
        frontend.api.asked();
    }
    Ok(())
}

#[tokio::test]
async fn what_changes_much_is_asked_before() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let ann = frontend.insert_person(HOSTILE).await?;
    frontend.insert_person("Bob").await?;
    frontend.insert_photo("ann.jpg", ann).await?;

    let merge = frontend.get("/people/1/merge?into=Bob").await?;
    let delete = frontend.get("/people/1/delete").await?;
    let forget = frontend.get("/people/1/photos/forget?photo=%3Cb%3E.jpg").await?;

    merge.expect(
        StatusCode::OK,
        &[
            &format!("Is {ESCAPED} the same person as Bob?"),
            "It can be undone on the page of Bob",
            "action=\"/people/1/merge\"",
            "name=\"into\" value=\"2\"",
            "class=\"primary\"",
        ],
    );
    delete.expect(
        StatusCode::OK,
        &[
            "action=\"/people/1/delete\"",
            "Their known photo is deleted",
            "cannot be undone",
            "class=\"danger\"",
        ],
    );
    forget.expect(
        StatusCode::OK,
        &["name=\"photo\" value=\"&#60;b&#62;.jpg\"", "src=\"/known-photos/%3Cb%3E.jpg\""],
    );
    for page in [&merge, &delete, &forget] {
        page.expect_absent(&["<b>"]);
    }
    for (into, told) in [("Nobody", "Nobody is called Nobody."), (HOSTILE, "is this person already")] {
        let address = site_address::with_words("/people/1/merge", &[("into", Some(into.to_owned()))]);
        let answer = frontend.get(&address).await?.redirect();
        frontend.follow_redirect(&answer).await?.expect(StatusCode::OK, &[told]);
    }
    assert_eq!(frontend.api.asked(), []);
    Ok(())
}

#[tokio::test]
async fn photos_are_sent_one_by_one_and_what_is_wrong_with_one_keeps_no_other_out() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_person("Ann").await?;
    let enrolled = json!({ "photo": "ann_2.jpg", "resembles": [{ "photo": "bob.jpg", "person": { "id": 2, "name": "Bob" }, "distance": 0.3 }] });
    frontend.api.answers("POST /api/v1/people/1/photos?name=a.jpg", StatusCode::CREATED, enrolled);
    frontend.api.refuses(
        "POST /api/v1/people/1/photos?name=%3Cb%3E.jpg",
        StatusCode::UNPROCESSABLE_ENTITY,
        "no_face",
    );

    let both = frontend
        .post_files("/people/1/photos", &[("a.jpg", "AAA"), ("<b>.jpg", "BBB")], &[])
        .await?
        .redirect();

    let asked = frontend.api.asked();
    let sent: Vec<_> = asked.iter().map(|asked| &asked.body[..]).collect();
    assert_eq!(sent, [b"AAA", b"BBB"]);
    assert_eq!(both.to, "/people/1");
    frontend.follow_redirect(&both).await?.expect(
        StatusCode::OK,
        &[
            "&#60;b&#62;.jpg: No face was found in it.",
            "ann_2.jpg is a known photo now. It looks like Bob, too",
        ],
    );
    let none = frontend.post_files("/people/1/photos", &[("", "")], &[]).await?.redirect();
    frontend.follow_redirect(&none).await?.expect(StatusCode::OK, &["Choose a file first."]);
    Ok(())
}
