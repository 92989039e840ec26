//! Answers are tagged, and not sent to who has them.

use axum::http::{HeaderValue, Response};

use super::*;

async fn get(
    receiver: &Receiver,
    route: &str,
    known: Option<&str>,
) -> anyhow::Result<Response<bytes::Bytes>> {
    let mut request = receiver::request("GET", route, "")?;
    if let Some(known) = known {
        request.headers_mut().insert(header::IF_NONE_MATCH, HeaderValue::from_str(known)?);
    }
    receiver.send_raw(request).await
}

#[tokio::test]
async fn an_answer_is_sent_again_only_when_it_is_another_one() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    receiver.post("/image/post", r#"{"path": "/a.jpg"}"#).await?;
    for route in
        ["/api/v1/images", "/api/v1/images/1", "/api/v1/audit", "/api/v1/dead-letters", "/openapi.json"]
    {
        let first = get(&receiver, route, None).await?;
        let tag = first.headers()[header::ETAG].to_str()?.to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");

        let again = get(&receiver, route, Some(&tag)).await?;

        assert_eq!((again.status(), again.body().len()), (StatusCode::NOT_MODIFIED, 0), "{route}");
        assert_eq!(again.headers()[header::ETAG], tag.as_str(), "{route}");
        assert!(!again.headers().contains_key(header::CONTENT_TYPE), "{route}");
    }

    let tag = get(&receiver, "/api/v1/images/1", None).await?.headers()[header::ETAG].to_str()?.to_owned();
    sqlx::query("UPDATE images SET status = 4, reason = 'no_face'").execute(receiver.pool()).await?;
    let changed = get(&receiver, "/api/v1/images/1", Some(&tag)).await?;
    assert_eq!(changed.status(), StatusCode::OK);
    assert_ne!(changed.headers()[header::ETAG], tag.as_str());
    Ok(())
}

#[tokio::test]
async fn problems_and_exports_have_no_tag() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    for route in ["/api/v1/images/4711", "/api/v1/images?limit=0", "/api/v1/export/people.csv"] {
        let answer = get(&receiver, route, Some("*")).await?;

        assert_ne!(answer.status(), StatusCode::NOT_MODIFIED, "{route}");
        assert!(!answer.headers().contains_key(header::ETAG), "{route}");
    }
    Ok(())
}
