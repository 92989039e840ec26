//! What somebody typed into a form that is refused.

use super::*;

const TYPED: &str = "<b>\"Ann\" & 'co'";
const SHOWN: &str = "&#60;b&#62;&#34;Ann&#34; &#38; &#39;co&#39;";

#[tokio::test]
async fn a_name_that_is_refused_is_in_its_field_again() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_person("Ann").await?;
    for (form, asked) in [("/people", "POST /api/v1/people"), ("/people/1/rename", "PATCH /api/v1/people/1")]
    {
        frontend.api.refuses(asked, StatusCode::CONFLICT, "name_taken");

        let refused = frontend.post(form, &[("name", TYPED)]).await?.redirect();
        let page = frontend.follow_redirect(&refused).await?;

        page.expect(StatusCode::OK, &[&format!("name=\"name\" value=\"{SHOWN}\"")]);
        page.expect_absent(&["<b>"]);
    }
    let address = site_address::with_words("/people/1/merge", &[("into", Some(TYPED.to_owned()))]);
    let refused = frontend.get(&address).await?.redirect();
    let page = frontend.follow_redirect(&refused).await?;
    page.expect(
        StatusCode::OK,
        &[&format!("name=\"into\" value=\"{SHOWN}\""), "name=\"name\" value=\"Ann\""],
    );
    let nameless = frontend.get("/people/1/merge?into=+").await?.redirect();
    frontend.follow_redirect(&nameless).await?.expect(StatusCode::OK, &["a name is missing"]);
    Ok(())
}

#[tokio::test]
async fn what_was_typed_is_there_after_signing_in_and_once() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.api.refuses("POST /api/v1/people", StatusCode::UNAUTHORIZED, "token_missing");
    let forgets_draft = |page: &Page| {
        let cookies = page.headers.get_all(header::SET_COOKIE).iter();
        cookies.filter_map(|cookie| cookie.to_str().ok()).any(|cookie| cookie.starts_with("rollcall_draft=;"))
    };

    let answer = frontend.post("/people", &[("name", "Zoë")]).await?.redirect();
    let sign_in = frontend.follow_redirect(&answer).await?;
    let people = frontend.get_with("/people", &answer.sent_cookies()).await?;

    assert_eq!(answer.to, "/sign-in?next=%2Fpeople");
    people.expect(StatusCode::OK, &["value=\"Zoë\""]);
    assert_eq!((forgets_draft(&sign_in), forgets_draft(&people)), (false, true));
    Ok(())
}
