//! Who changes something, and from which page.

use super::*;

#[tokio::test]
async fn who_signs_in_is_known_to_the_browser_alone_and_comes_back() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let form = [("token", "s3cret"), ("name", "Zoë \"<b>"), ("next", "/people?q=a")];
    let table = [("http", ""), ("https", "; Secure")];
    for (protocol, secure) in table {
        let headers = [("sec-fetch-site", "same-origin"), ("x-forwarded-proto", protocol)];

        let answer = frontend.post_with("/sign-in", &form, &headers).await?.redirect();

        assert_eq!(answer.to, "/people?q=a");
        let expected = [
            format!("rollcall_token=s3cret; Path=/; HttpOnly; SameSite=Strict{secure}"),
            format!(
                "rollcall_actor=Zo%C3%AB+%22%3Cb%3E; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000{secure}"
            ),
        ];
        assert_eq!(answer.cookies, expected);
        let asked = frontend.api.asked();
        assert_eq!(asked[0].what, "POST /api/v1/images/0/retry", "it is asked whether the token is right");
        assert_eq!(asked[0].headers[header::AUTHORIZATION], "Bearer s3cret");
        let page = frontend.follow_redirect(&answer).await?;
        page.expect(StatusCode::OK, &["Zoë &#34;&#60;b&#62;</a>"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_not_right_is_told_at_once_and_not_kept() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.api.refuses("POST /api/v1/images/0/retry", StatusCode::UNAUTHORIZED, "token_missing");
    let long = "x".repeat(65);
    let table = [
        ("wrong", "Ann", "This token is not right."),
        ("a b", "Ann", "A token has only letters"),
        ("right", &long, "at most 64 characters"),
    ];
    for (token, name, fault) in table {
        let page =
            frontend.post("/sign-in", &[("token", token), ("name", name), ("next", "/people")]).await?;

        page.expect(StatusCode::UNPROCESSABLE_ENTITY, &[fault, "name=\"next\" value=\"/people\"", name]);
        page.expect_absent(&[&format!("value=\"{token}\"")]);
        assert!(!page.headers.contains_key(header::SET_COOKIE));
    }
    Ok(())
}

#[tokio::test]
async fn signing_in_leads_to_no_other_site() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    for next in ["https://example.org", "//example.org", "/\\example.org", "javascript:alert(1)"] {
        let answer = frontend.post("/sign-in", &[("token", "x"), ("next", next)]).await?.redirect();
        assert_eq!(answer.to, "/", "{next}");
        let page =
            frontend.get(&site_address::with_words("/sign-in", &[("next", Some(next.to_owned()))])).await?;
        page.expect(StatusCode::OK, &["name=\"next\" value=\"/\""]);
    }
    Ok(())
}

#[tokio::test]
async fn signing_out_takes_both_cookies_away() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;

    let answer = frontend.post("/sign-out", &[]).await?.redirect();

    for name in ["rollcall_token", "rollcall_actor"] {
        let gone = format!("{name}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
        assert!(answer.cookies.contains(&gone), "{:?}", answer.cookies);
    }
    Ok(())
}

#[tokio::test]
async fn a_change_is_asked_for_in_the_name_of_who_is_signed_in() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let headers =
        [("sec-fetch-site", "same-origin"), ("cookie", "rollcall_token=s3cret; rollcall_actor=Zo%C3%AB")];

    frontend.post_with("/images/1/retry", &[], &headers).await?.redirect();
    frontend.post("/images/1/retry", &[]).await?.redirect();

    let asked = frontend.api.asked();
    assert_eq!(asked[0].headers[header::AUTHORIZATION], "Bearer s3cret");
    assert_eq!(asked[0].headers["rollcall-actor"].as_bytes(), "Zoë".as_bytes());
    assert!(
        !asked[1].headers.contains_key(header::AUTHORIZATION)
            && !asked[1].headers.contains_key("rollcall-actor")
    );
    Ok(())
}

#[tokio::test]
async fn who_is_not_let_in_is_asked_to_sign_in_and_led_back() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.api.refuses("POST /api/v1/images/7/retry", StatusCode::UNAUTHORIZED, "token_missing");

    let answer = frontend.post("/images/7/retry", &[]).await?.redirect();

    assert_eq!(answer.to, "/sign-in?next=%2Fimages%2F7");
    let page = frontend.follow_redirect(&answer).await?;
    page.expect(
        StatusCode::OK,
        &["sign in with a token that is right", "value=\"/images/7\"", "role=\"alert\""],
    );
    Ok(())
}

#[tokio::test]
async fn what_became_of_a_form_is_told_once() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.api.refuses("POST /api/v1/images/1/retry", StatusCode::CONFLICT, "new_code");

    let answer = frontend.post("/images/1/retry", &[]).await?.redirect();
    let page = frontend.follow_redirect(&answer).await?;

    page.expect(StatusCode::OK, &["class=\"notice refused\" role=\"alert\">Do &#60;this&#62; instead.</p>"]);
    assert_eq!(
        page.headers[header::SET_COOKIE],
        "rollcall_notice=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
        "the browser forgets it"
    );
    frontend.get("/images/1").await?.expect_absent(&["class=\"notice"]);
    Ok(())
}

#[tokio::test]
async fn a_page_that_cannot_be_shown_leaves_what_became_of_a_form_to_be_told_by_the_next()
-> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.api.answers("POST /api/v1/images/1/retry", StatusCode::OK, serde_json::json!({}));

    let answer = frontend.post("/images/1/retry", &[]).await?.redirect();
    frontend.update_images("RENAME TABLE images TO away").await?;
    let away = frontend.follow_redirect(&answer).await?;
    frontend.update_images("RENAME TABLE away TO images").await?;
    let back = frontend.follow_redirect(&answer).await?;

    away.expect(StatusCode::SERVICE_UNAVAILABLE, &["The database does not answer"]);
    assert!(!away.headers.contains_key(header::SET_COOKIE), "the browser keeps it");
    back.expect(StatusCode::OK, &["It is tried again."]);
    Ok(())
}

#[tokio::test]
async fn who_is_kept_out_whatever_the_token_is_not_told_that_it_is_wrong() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.api.refuses("POST /api/v1/images/0/retry", StatusCode::FORBIDDEN, "not_local");

    let page = frontend.post("/sign-in", &[("token", "s3cret")]).await?;

    page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["Do &#60;this&#62; instead."]);
    page.expect_absent(&["This token is not right."]);
    Ok(())
}

#[tokio::test]
async fn no_form_is_taken_from_a_page_of_another_site() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let addresses = [
        "/sign-in",
        "/sign-out",
        "/people",
        "/people/1/rename",
        "/people/1/merge",
        "/people/1/delete",
        "/people/1/photos",
        "/people/1/photos/forget",
        "/people/1/merges/1/undo",
        "/unknown/1",
        "/unknown/1/name",
        "/add/files",
        "/add/paths",
        "/images/1/retry",
        "/images/1/rerun",
        "/images/1/delete",
        "/images/1/faces/1/person",
        "/images/1/faces/1/person/take-back",
        "/images/1/faces/1/not",
        "/images/1/faces/1/not/take-back",
        "/nothing",
    ];
    for address in addresses {
        for foreign in
            [("sec-fetch-site", "cross-site"), ("origin", "http://example.org"), ("origin", "null")]
        {
            let page = frontend.post_with(address, &[("name", "x")], &[foreign]).await?;

            page.expect(StatusCode::FORBIDDEN, &["A page of another site sent this", "Nothing was changed"]);
        }
    }
    assert_eq!(frontend.api.asked(), []);
    Ok(())
}

#[tokio::test]
async fn an_api_that_is_away_is_told_on_the_page() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.api.answers("POST /api/v1/images/1/retry", StatusCode::BAD_GATEWAY, "<html>".into());

    let answer = frontend.post("/images/1/retry", &[]).await?.redirect();

    let page = frontend.follow_redirect(&answer).await?;
    page.expect(StatusCode::OK, &["The receiver does not answer"]);
    Ok(())
}
