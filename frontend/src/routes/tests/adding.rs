//! Adding pictures.

use serde_json::{Value, json};

use super::*;

const JSON: [(&str, &str); 1] = [("accept", "application/json")];

#[tokio::test]
async fn files_are_sent_on_and_followed_on_one_page() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(3).await?;
    for (name, id) in [("a+b.jpg", 2), ("%26%23.png", 3)] {
        let posted = json!({ "id": id, "path": "/uploads/x", "status": "pending", "created": true });
        frontend.api.answers(&format!("POST /api/v1/pictures?name={name}"), StatusCode::ACCEPTED, posted);
    }

    let answer =
        frontend.post_files("/add/files", &[("a b.jpg", "AAA"), ("&#.png", "BBB")], &[]).await?.redirect();

    let asked = frontend.api.asked();
    assert_eq!(asked.iter().map(|asked| &asked.body[..]).collect::<Vec<_>>(), [b"AAA", b"BBB"]);
    assert_eq!(answer.to, "/add?ids=2,3");
    let page = frontend.follow_redirect(&answer).await?;
    page.expect(StatusCode::OK, &["id=\"picture-2\"", "id=\"picture-3\"", "data-address=\"/live?rows=3,2"]);
    page.expect_absent(&["id=\"picture-1\"", "id=\"added\" aria-labelledby=\"added-title\" hidden"]);
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_refused_is_told_by_its_name_and_why() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.api.answers("POST /api/v1/pictures?name=a.jpg", StatusCode::OK, json!({ "id": 1 }));
    frontend.api.refuses(
        "POST /api/v1/pictures?name=%3Cb%3E.jpg",
        StatusCode::UNPROCESSABLE_ENTITY,
        "not_an_image",
    );

    let page = frontend.post_files("/add/files", &[("a.jpg", "A"), ("<b>.jpg", "B")], &[]).await?;
    let none = frontend.post_files("/add/files", &[("", "")], &[]).await?.redirect();

    page.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["Not added", "&#60;b&#62;.jpg</strong> This is no picture in a format", "id=\"picture-1\""],
    );
    page.expect_absent(&["<b>"]);
    frontend.follow_redirect(&none).await?.expect(StatusCode::OK, &["Choose a file first."]);
    let no_form = frontend.post("/add/files", &[("files", "x")]).await?;
    no_form.expect(StatusCode::BAD_REQUEST, &["The files did not arrive"]);
    Ok(())
}

#[tokio::test]
async fn a_script_is_told_what_became_of_a_file() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.update_images("UPDATE images SET path = '/<b>.jpg'").await?;
    let posts = "POST /api/v1/pictures?name=a.jpg";
    let file = [("a.jpg", "A")];
    let told = async || -> anyhow::Result<(StatusCode, Value)> {
        let page = frontend.post_files("/add/files", &file, &JSON).await?;
        Ok((page.status, serde_json::from_str(&page.text)?))
    };

    frontend.api.answers(posts, StatusCode::ACCEPTED, json!({ "id": 1 }));
    let (status, taken) = told().await?;
    frontend.api.refuses(posts, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large");
    let (too_large, refused) = told().await?;
    frontend.api.refuses(posts, StatusCode::UNAUTHORIZED, "token_missing");
    let (kept_out, sign_in) = told().await?;

    assert_eq!((status, &taken["rows"][0][0], &taken["refused"]), (StatusCode::OK, &json!(1), &json!([])));
    let row = taken["rows"][0][1].as_str().expect("a row");
    assert!(row.contains("id=\"picture-1\"") && row.contains("&#60;b&#62;") && !row.contains("<b>"), "{row}");
    assert_eq!(too_large, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["refused"], json!(["The file has more bytes than are allowed: make it smaller."]));
    assert_eq!((kept_out, &sign_in["sign_in"]), (StatusCode::UNAUTHORIZED, &json!("/sign-in?next=%2Fadd")));
    Ok(())
}

#[tokio::test]
async fn where_the_script_leads_somebody_to_sign_in_it_is_told_why() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.api.refuses("POST /api/v1/pictures?name=a.jpg", StatusCode::UNAUTHORIZED, "token_missing");

    let answer = frontend.post_files("/add/files", &[("a.jpg", "A")], &JSON).await?;

    let cookie = answer.headers[header::SET_COOKIE].to_str()?;
    let page =
        frontend.get_with("/sign-in?next=%2Fadd", cookie.split(';').next().unwrap_or_default()).await?;
    page.expect(
        StatusCode::OK,
        &["class=\"notice refused\"", "sign in with a token that is right. Then add the files again."],
    );
    Ok(())
}

#[tokio::test]
async fn lines_that_could_not_be_posted_are_there_again() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let long: Vec<String> = (1..=50).map(|number| format!("/{}{number}.jpg", "folder/".repeat(20))).collect();
    for (status, code) in [(StatusCode::UNAUTHORIZED, "token_missing"), (StatusCode::BAD_GATEWAY, "other")] {
        frontend.api.refuses("POST /images/post", status, code);

        let answer = frontend.post("/add/paths", &[("paths", "/a.jpg\n</textarea>")]).await?.redirect();
        let page = frontend.get_with("/add", &answer.sent_cookies()).await?;
        let at_once = frontend.post("/add/paths", &[("paths", &long.join("\n"))]).await?;

        page.expect(StatusCode::OK, &["/a.jpg\n&#60;/textarea&#62;</textarea>"]);
        at_once.expect(StatusCode::UNPROCESSABLE_ENTITY, &["50 lines", &format!("{}</textarea>", long[49])]);
    }
    Ok(())
}

#[tokio::test]
async fn who_signs_in_from_an_answer_comes_back_to_a_page() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    let rejected = json!([{ "index": 0, "path": "x", "error": { "code": "x", "detail": "no" } }]);
    let posted = json!({ "images": [{ "id": 1 }], "rejected": rejected });
    frontend.api.answers("POST /images/post", StatusCode::ACCEPTED, posted);

    let page = frontend.post("/add/paths", &[("paths", "x\n/a.jpg")]).await?;

    page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["href=\"/sign-in?next=%2Fadd%3Fids%3D1\""]);
    Ok(())
}

#[tokio::test]
async fn pasted_lines_are_posted_and_those_that_are_wrong_stay_to_be_mended() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(2).await?;
    let posted = json!({ "images": [{ "id": 2 }, { "id": 1 }], "rejected": [] });
    frontend.api.answers("POST /images/post", StatusCode::ACCEPTED, posted);

    let answer =
        frontend.post("/add/paths", &[("paths", " /a.jpg \r\n\r\nhttps://b/c.jpg\n")]).await?.redirect();

    assert_eq!(answer.to, "/add?ids=2,1");
    let body = json!({ "paths": [{ "path": "/a.jpg" }, { "path": "https://b/c.jpg" }] });
    assert_eq!(frontend.api.asked_json(), [("POST /images/post".to_owned(), body)]);

    let rejected = json!([{ "index": 0, "path": "</textarea>", "error": { "code": "x", "detail": "the path <leads> out" } }]);
    frontend.api.answers(
        "POST /images/post",
        StatusCode::ACCEPTED,
        json!({ "images": [{ "id": 1 }], "rejected": rejected }),
    );
    let page = frontend.post("/add/paths", &[("paths", "</textarea>\n/a.jpg")]).await?;

    page.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["&#60;/textarea&#62;</textarea>", "The path &#60;leads&#62; out.", "id=\"picture-1\""],
    );
    let nothing = frontend.post("/add/paths", &[("paths", " \n ")]).await?.redirect();
    frontend.follow_redirect(&nothing).await?.expect(StatusCode::OK, &["Paste a path or an address first."]);
    Ok(())
}

#[tokio::test]
async fn of_many_lines_a_hundred_are_posted_and_the_rest_stays() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.api.answers("POST /images/post", StatusCode::ACCEPTED, json!({ "images": [], "rejected": [] }));
    let lines: Vec<String> = (1..=102).map(|number| format!("/{number}.jpg")).collect();

    let page = frontend.post("/add/paths", &[("paths", &lines.join("\n"))]).await?;

    page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["2 more lines", "/101.jpg\n/102.jpg</textarea>"]);
    let (_, body) = frontend.api.asked_json().remove(0);
    assert_eq!(body["paths"].as_array().map(Vec::len), Some(100));
    Ok(())
}

#[tokio::test]
async fn a_page_follows_a_hundred_pictures_and_says_what_ids_are() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(101).await?;
    let ids: Vec<String> = (1..=101).map(|id| id.to_string()).collect();

    let page = frontend.get(&format!("/add?ids={}", ids.join(","))).await?;

    page.expect(StatusCode::OK, &["id=\"picture-1\"", "id=\"picture-100\""]);
    page.expect_absent(&["id=\"picture-101\""]);
    frontend.get("/add?ids=x").await?.expect(StatusCode::BAD_REQUEST, &["takes the ids of pictures"]);
    frontend
        .get("/add")
        .await?
        .expect(StatusCode::OK, &["Add files", "aria-labelledby=\"added-title\" hidden"]);
    Ok(())
}
