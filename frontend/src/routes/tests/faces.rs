//! The forms of the page of an image.

use serde_json::{Value, json};

use super::*;

impl Frontend {
    /// An image with one face, of which is said what `verdicts` tells of people.
    async fn insert_judged(
        &self,
        outcome: &str,
        person: Option<&str>,
        verdicts: &[(&str, &str)],
    ) -> anyhow::Result<()> {
        self.insert_images(1).await?;
        self.update_images("UPDATE images SET status = 4, reason = 'ambiguous'").await?;
        self.insert_face(1, outcome, person, (10, 20, 30, 40)).await?;
        for (name, verdict) in verdicts {
            let person = self.insert_person(name).await?;
            sqlx::query("INSERT INTO face_verdicts VALUES (1, ?, ?, UTC_TIMESTAMP(6))")
                .bind(person)
                .bind(verdict)
                .execute(self.pool())
                .await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn who_may_be_somebody_is_said_with_one_button() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_judged("ambiguous", Some("<i>Ann"), &[]).await?;

    let page = frontend.get("/images/1").await?;

    page.expect(
        StatusCode::OK,
        &[
            "action=\"/images/1/faces/1/person\"",
            "name=\"person_id\" value=\"1\"",
            "This is &#60;i&#62;Ann</button>",
            "Not &#60;i&#62;Ann</button>",
            "<option value=\"&#60;i&#62;Ann\">",
            "Look again",
            "href=\"/images/1/delete\"",
            "href=\"/history?image=1\"",
        ],
    );
    page.expect_absent(&["<i>", "Try again", "Use as known photo", "http-equiv=\"refresh\""]);
    Ok(())
}

#[tokio::test]
async fn what_people_said_is_shown_and_can_be_taken_back() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_judged("unknown", None, &[("Bob", "is_not"), ("Zoë", "is")]).await?;

    let page = frontend.get("/images/1").await?;

    page.expect(
        StatusCode::OK,
        &[
            "A person said: this is Zoë.",
            "action=\"/images/1/faces/1/person/take-back\"",
            "A person said: not Bob.",
            "action=\"/images/1/faces/1/not/take-back\"",
            "<a href=\"/?person=Zo%C3%AB\">Zoë</a>",
            "Use as known photo",
        ],
    );
    page.expect_absent(&["This is Zoë</button>", "Nobody we know</h3>"]);
    Ok(())
}

#[tokio::test]
async fn an_image_that_failed_can_be_tried_again() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.get("/images/1").await?.expect(StatusCode::OK, &["<noscript><meta http-equiv=\"refresh\""]);
    frontend.update_images("UPDATE images SET status = 2").await?;

    let page = frontend.get("/images/1").await?;

    page.expect(StatusCode::OK, &["action=\"/images/1/retry\"", "Try again"]);
    page.expect_absent(&["Look again", "refresh"]);
    Ok(())
}

#[tokio::test]
async fn each_form_of_an_image_asks_the_api_for_its_change_and_leads_back() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let enrolled = json!({ "photo": "ann_2.jpg", "resembles": [] });
    let face = json!({ "id": 7 });
    let ok = StatusCode::OK;
    let table = [
        (
            "faces/7/person",
            vec![("person_id", "3")],
            "PUT /api/v1/faces/7/person",
            json!({ "person_id": 3 }),
            ok,
            face.clone(),
            "Noted",
        ),
        (
            "faces/7/person",
            vec![("name", " Ann ")],
            "PUT /api/v1/faces/7/person",
            json!({ "name": "Ann" }),
            ok,
            face.clone(),
            "Noted",
        ),
        (
            "faces/7/person",
            vec![("name", "Ann"), ("enrol", "1")],
            "POST /api/v1/faces/7/enrol",
            json!({ "name": "Ann" }),
            StatusCode::CREATED,
            enrolled.clone(),
            "ann_2.jpg is a known photo now.",
        ),
        (
            "faces/7/person",
            vec![("person_id", "3"), ("enrol", "1")],
            "POST /api/v1/faces/7/enrol",
            json!({ "person_id": 3 }),
            StatusCode::CREATED,
            enrolled,
            "ann_2.jpg is a known photo now.",
        ),
        (
            "faces/7/person/take-back",
            vec![],
            "DELETE /api/v1/faces/7/person",
            Value::Null,
            ok,
            face.clone(),
            "Taken back",
        ),
        (
            "faces/7/not",
            vec![("person_id", "3")],
            "PUT /api/v1/faces/7/not/3",
            Value::Null,
            ok,
            face.clone(),
            "Noted who this is not.",
        ),
        (
            "faces/7/not/take-back",
            vec![("person_id", "3")],
            "DELETE /api/v1/faces/7/not/3",
            Value::Null,
            ok,
            face.clone(),
            "Taken back",
        ),
        ("retry", vec![], "POST /api/v1/images/1/retry", Value::Null, ok, face.clone(), "tried again"),
        ("rerun", vec![], "POST /api/v1/images/1/rerun", Value::Null, ok, face, "looked at again"),
        (
            "delete",
            vec![],
            "DELETE /api/v1/images/1",
            Value::Null,
            StatusCode::NO_CONTENT,
            Value::Null,
            "Picture 1 is deleted.",
        ),
    ];
    frontend.insert_images(1).await?;
    for (form, fields, what, body, status, answer, told) in table {
        frontend.api.answers(what, status, answer);

        let answer = frontend.post(&format!("/images/1/{form}"), &fields).await?.redirect();

        assert_eq!(frontend.api.asked_json(), [(what.to_owned(), body)]);
        let page = match form {
            "delete" => "/",
            form if form.starts_with("faces") => "/images/1#face-7",
            _ => "/images/1",
        };
        assert_eq!(answer.to, page, "{form}");
        frontend.follow_redirect(&answer).await?.expect(StatusCode::OK, &["class=\"notice done\"", told]);
    }
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_told_where_the_form_is() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    let table = [
        (
            "PUT /api/v1/faces/7/person",
            "faces/7/person",
            vec![("name", "Ann")],
            "unknown_face",
            "This face is not there any more",
        ),
        (
            "POST /api/v1/faces/7/enrol",
            "faces/7/person",
            vec![("name", "Ann"), ("enrol", "1")],
            "low_quality",
            "cannot be seen well enough",
        ),
        ("POST /api/v1/images/1/rerun", "rerun", vec![], "not_final", "wait for its result"),
        ("DELETE /api/v1/images/1", "delete", vec![], "unknown_image", "This picture is not there any more"),
    ];
    for (what, form, fields, code, told) in table {
        frontend.api.refuses(what, StatusCode::CONFLICT, code);

        let answer = frontend.post(&format!("/images/1/{form}"), &fields).await?.redirect();

        assert!(answer.to.starts_with("/images/1"), "{}", answer.to);
        frontend.follow_redirect(&answer).await?.expect(StatusCode::OK, &["class=\"notice refused\"", told]);
    }
    let nameless = frontend.post("/images/1/faces/7/person", &[("name", " ")]).await?.redirect();
    frontend.follow_redirect(&nameless).await?.expect(StatusCode::OK, &["a name is missing"]);
    Ok(())
}

#[tokio::test]
async fn a_name_for_a_face_that_is_refused_is_there_again_for_that_face() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_judged("unknown", None, &[]).await?;
    frontend.insert_face(1, "unknown", None, (1, 1, 9, 9)).await?;
    frontend.api.refuses("PUT /api/v1/faces/2/person", StatusCode::UNPROCESSABLE_ENTITY, "wrong_name");

    let refused = frontend.post("/images/1/faces/2/person", &[("name", "<b>Zoë")]).await?.redirect();
    let page = frontend.follow_redirect(&refused).await?;

    page.expect(StatusCode::OK, &["value=\"&#60;b&#62;Zoë\" data-typed", "id=\"name-2\" open"]);
    page.expect_absent(&["<b>", "id=\"name-1\" open"]);
    assert_eq!(page.text.matches("data-typed").count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_picture_is_deleted_only_after_a_question() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;

    let page = frontend.get("/images/1/delete").await?;

    page.expect(
        StatusCode::OK,
        &[
            "Delete this picture?",
            "/1.jpg",
            "cannot be undone",
            "method=\"post\" action=\"/images/1/delete\"",
            "href=\"/images/1\">Cancel",
        ],
    );
    assert_eq!(frontend.api.asked(), []);
    frontend.get("/images/9/delete").await?.expect(StatusCode::NOT_FOUND, &["There is no such page"]);
    Ok(())
}
