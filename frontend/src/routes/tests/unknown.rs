//! Groups of unknown faces.

use serde_json::json;

use super::*;

impl Frontend {
    /// Unknown faces of a new image, all in one group.
    async fn insert_group(&self, group: u64, faces: u64) -> anyhow::Result<()> {
        for _ in 0..faces {
            self.insert_face(1, "unknown", None, (1, 1, 9, 9)).await?;
        }
        sqlx::query("UPDATE faces SET group_id = ? WHERE group_id IS NULL")
            .bind(group)
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

#[tokio::test]
async fn groups_are_shown_by_size_with_some_of_their_faces() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.get("/unknown").await?.expect(StatusCode::OK, &["No unknown faces"]);
    frontend.insert_images(1).await?;
    frontend.insert_group(1, 1).await?;
    frontend.insert_group(2, 8).await?;
    frontend.insert_person("<b>Ann").await?;

    let page = frontend.get("/unknown").await?;

    page.expect(
        StatusCode::OK,
        &[
            "8 faces</a>",
            "1 face</a>",
            "href=\"/unknown/2?as_of=9\"",
            "src=\"/faces/7/crop\"",
            "action=\"/unknown/2/name\"",
            "name=\"as_of\" value=\"9\"",
            "<option value=\"&#60;b&#62;Ann\">",
        ],
    );
    page.expect_absent(&["src=\"/faces/8/crop\"", "rel=\"next\""]);
    let position = |text: &str| page.text.find(text).expect("it is there");
    assert!(position("/unknown/2/name") < position("/unknown/1/name"), "the largest comes first");
    Ok(())
}

#[tokio::test]
async fn groups_come_in_pages_that_later_faces_do_not_shift() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    for group in 1..=13 {
        frontend.insert_group(group, 1).await?;
    }

    let first = frontend.get("/unknown").await?;
    frontend.insert_group(13, 5).await?;
    let second = frontend.get("/unknown?as_of=13&size=1&id=12").await?;

    first.expect(StatusCode::OK, &["href=\"/unknown?as_of=13&#38;size=1&#38;id=12\" rel=\"next\""]);
    second
        .expect(StatusCode::OK, &["action=\"/unknown/13/name\"", "1 face</a>", "href=\"/unknown\">Largest"]);
    for wrong in ["/unknown?as_of=x", "/unknown?as_of=1", "/unknown/x"] {
        let page = frontend.get(wrong).await?;
        assert!(page.status.is_client_error(), "{wrong}: {}", page.status);
    }
    Ok(())
}

#[tokio::test]
async fn a_group_shows_its_faces_and_keeps_what_was_ticked_from_page_to_page() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.update_images("UPDATE images SET path = '/<b>.jpg'").await?;
    frontend.insert_group(1, 61).await?;

    let first = frontend.get("/unknown/1").await?;
    let second =
        frontend.get("/unknown/1?as_of=61&name=Zo%C3%AB&enrol=1&except=3&except=61&after=60").await?;

    first.expect(
        StatusCode::OK,
        &["61 unknown faces", "src=\"/faces/60/crop\"", "name=\"after\" value=\"60\"", "formnovalidate"],
    );
    first.expect_absent(&["src=\"/faces/61/crop\"", "<b>"]);
    second.expect(
        StatusCode::OK,
        &[
            "value=\"Zoë\"",
            "name=\"enrol\" value=\"1\" checked",
            "<input type=\"hidden\" name=\"except\" value=\"3\">",
            "name=\"except\" value=\"61\" checked",
            "1 on other pages is left out",
            "href=\"/images/1#face-61\"",
        ],
    );
    second.expect_absent(&["src=\"/faces/60/crop\"", "More faces"]);
    frontend.get("/unknown/5").await?.expect(StatusCode::OK, &["This group is empty"]);
    Ok(())
}

#[tokio::test]
async fn a_group_is_named_as_the_form_says() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let named = json!({ "person": { "id": 3, "name": "Ann" }, "faces": 12, "photo": "ann.jpg",
                        "resembles": [{ "photo": "bob.jpg", "person": { "id": 2, "name": "Bob" }, "distance": 0.4 }] });
    frontend.api.answers("POST /api/v1/unknown-groups/7/name", StatusCode::OK, named);

    let form = [("name", " Ann "), ("enrol", "1"), ("as_of", "90"), ("except", "9"), ("except", "8")];
    let answer = frontend.post("/unknown/7/name", &form).await?.redirect();

    let body = json!({ "name": "Ann", "enrol": true, "as_of": 90, "except": [8, 9] });
    assert_eq!(frontend.api.asked_json(), [("POST /api/v1/unknown-groups/7/name".to_owned(), body)]);
    assert_eq!(answer.to, "/unknown");
    frontend.follow_redirect(&answer).await?.expect(
        StatusCode::OK,
        &["12 faces are Ann now. ann.jpg is a known photo now. It looks like Bob, too"],
    );
    let body = json!({ "name": "Ann", "enrol": false, "except": [] });
    let not_enrolled = json!({ "code": "gallery_read_only", "detail": "x" });
    let named = json!({ "person": { "id": 3, "name": "Ann" }, "faces": 1, "not_enrolled": not_enrolled });
    frontend.api.answers("POST /api/v1/unknown-groups/7/name", StatusCode::OK, named);
    let answer = frontend.post("/unknown/7/name", &[("name", "Ann")]).await?.redirect();
    assert_eq!(frontend.api.asked_json()[0].1, body);
    frontend.follow_redirect(&answer).await?.expect(
        StatusCode::OK,
        &["One face is Ann now. None became a known photo. The folder of known photos is read-only"],
    );
    frontend.api.refuses("POST /api/v1/unknown-groups/7/name", StatusCode::NOT_FOUND, "unknown_group");
    for (name, told) in [("", "a name is missing"), ("Ann", "This group is not there any more")] {
        let page = frontend.post("/unknown/7/name", &[("name", name)]).await?;
        page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["class=\"notice refused\"", told]);
    }
    Ok(())
}

#[tokio::test]
async fn what_was_said_of_a_group_is_there_again_when_it_is_refused() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.insert_group(1, 61).await?;
    let form = [("name", "Zoë"), ("as_of", "61"), ("except", "3"), ("except", "61")];
    let names = "POST /api/v1/unknown-groups/1/name";

    frontend.api.refuses(names, StatusCode::CONFLICT, "something_new");
    let refused = frontend.post("/unknown/1/name", &form).await?;
    frontend.api.refuses(names, StatusCode::UNAUTHORIZED, "token_missing");
    let kept_out = frontend.post("/unknown/1/name", &form).await?.redirect();

    refused.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &[
            "Do &#60;this&#62; instead.",
            "value=\"Zoë\"",
            "name=\"except\" value=\"3\" checked",
            "<input type=\"hidden\" name=\"except\" value=\"61\">",
            "href=\"/sign-in?next=%2Funknown%2F1\"",
        ],
    );
    refused.expect_absent(&["name=\"enrol\" value=\"1\" checked"]);
    let back = "/unknown/1?name=Zo%C3%AB&as_of=61&after=0&except=3&except=61";
    assert_eq!(kept_out.to, site_address::sign_in(back));
    Ok(())
}

#[tokio::test]
async fn no_tick_is_lost_however_many_there_are() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.insert_group(1, 61).await?;
    let ids: Vec<String> = (1000..1600).map(|id| id.to_string()).collect();
    let mut form = vec![("name", "Ann"), ("after", "60")];
    form.extend(ids.iter().map(|id| ("except", id.as_str())));
    let named = json!({ "person": { "id": 3, "name": "Ann" }, "faces": 1 });
    frontend.api.answers("POST /api/v1/unknown-groups/1/name", StatusCode::OK, named);

    let turned = frontend.post("/unknown/1", &form).await?;
    frontend.post("/unknown/1/name", &form).await?.redirect();

    turned.expect(
        StatusCode::OK,
        &[
            "600 on other pages are left out",
            "value=\"1599\"",
            "src=\"/faces/61/crop\"",
            "formmethod=\"post\"",
        ],
    );
    let (_, body) = frontend.api.asked_json().remove(0);
    assert_eq!(body["except"].as_array().map(Vec::len), Some(600));
    frontend.get("/unknown/1").await?.expect(StatusCode::OK, &["formmethod=\"get\""]);
    Ok(())
}
