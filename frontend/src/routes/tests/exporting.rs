//! Everything as a file.

use super::*;

#[tokio::test]
async fn a_file_of_the_api_is_handed_through() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    for name in ["people.csv", "people.jsonl", "results.csv", "results.jsonl"] {
        let text = format!("{name}\n").repeat(10_000);
        frontend.api.answers(&format!("GET /api/v1/export/{name}"), StatusCode::OK, text.clone().into());

        let file = frontend.get_bytes(&format!("/export/{name}"), None).await?;

        assert_eq!((file.status, &file.bytes[..]), (StatusCode::OK, text.as_bytes()));
        assert_eq!(file.headers[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{name}\""));
        assert_eq!(file.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8", "as the API says");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_else_is_asked_of_the_api() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;

    for name in ["tokens.csv", "people.csv%2F..", "..", "%2E%2E%2Fpeople"] {
        frontend
            .get(&format!("/export/{name}"))
            .await?
            .expect(StatusCode::NOT_FOUND, &["There is no such page"]);
    }
    assert_eq!(frontend.api.asked(), []);
    Ok(())
}

#[tokio::test]
async fn an_export_that_cannot_be_made_is_told_on_a_page() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.api.answers("GET /api/v1/export/people.csv", StatusCode::BAD_GATEWAY, "".into());

    let answer = frontend.get("/export/people.csv").await?.redirect();

    assert_eq!(answer.to, "/people");
    frontend.follow_redirect(&answer).await?.expect(StatusCode::OK, &["The receiver does not answer"]);
    Ok(())
}
