//! What is wrong with a request is told as a problem document, and nothing of it is stored.

use std::{convert::Infallible, task::Poll};

use axum::body::{Body, Bytes};
use futures_util::stream;
use serde_json::Value;

use super::*;
use crate::routes::request_body::MAX_BYTES;

/// A body that is refused: what is wrong with it, the body, and the status, code and field of the problem.
struct Refused {
    case: &'static str,
    body: Vec<u8>,
    status: StatusCode,
    code: &'static str,
    field: Option<&'static str>,
}

impl Refused {
    /// It is no JSON that could be read.
    fn unreadable(case: &'static str, code: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { case, body: body.into(), status: StatusCode::BAD_REQUEST, code, field: None }
    }

    /// It is JSON, and says what cannot be.
    fn wrong(case: &'static str, code: &'static str, field: &'static str, body: &impl ToString) -> Self {
        let (body, status) = (body.to_string().into_bytes(), StatusCode::UNPROCESSABLE_ENTITY);
        Self { case, body, status, code, field: Some(field) }
    }

    /// It is JSON of quite another shape, in which no field can be named.
    fn misshapen(case: &'static str, body: String) -> Self {
        let (body, status) = (body.into_bytes(), StatusCode::UNPROCESSABLE_ENTITY);
        Self { case, body, status, code: "wrong_shape", field: None }
    }

    fn too_large(case: &'static str) -> Self {
        let body = vec![b' '; MAX_BYTES + 1];
        Self { case, body, status: StatusCode::PAYLOAD_TOO_LARGE, code: "body_too_large", field: None }
    }
}

/// What neither route can read.
fn unreadable_bodies() -> Vec<Refused> {
    vec![
        Refused::unreadable("empty", "body_empty", ""),
        Refused::unreadable("a form", "not_json", "path=/a.jpg"),
        Refused::unreadable("cut off", "not_json", r#"{"path": "/a.j"#),
        Refused::unreadable("a picture", "not_json", b"\xff\xd8\xff\xe0\0\x10JFIF".as_slice()),
        Refused::misshapen("a text", "\"/a.jpg\"".to_owned()),
        Refused::misshapen("a list", r#"["/a.jpg"]"#.to_owned()),
        Refused::unreadable("200,000 brackets", "not_json", "[".repeat(200_000)),
        Refused::unreadable(
            "200,000 brackets in a field",
            "not_json",
            r#"{"path":"#.to_owned() + &"[".repeat(200_000),
        ),
        Refused::unreadable("200,000 objects", "not_json", r#"{"x":"#.repeat(200_000)),
        Refused::too_large("one byte over the limit"),
    ]
}

async fn expect_refusals(route: &str, refusals: Vec<Refused>) -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    for Refused { case, body, status, code, field } in refusals {
        let answer = receiver.post(route, body).await?;

        answer.expect_problem(case, status, code, field);
    }
    assert_eq!(receiver.count_stored().await?, (0, 0));
    Ok(())
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_both_routes() -> anyhow::Result<()> {
    expect_refusals("/image/post", unreadable_bodies()).await?;
    expect_refusals("/images/post", unreadable_bodies()).await
}

#[tokio::test]
async fn a_picture_without_a_good_path_is_refused_with_the_field() -> anyhow::Result<()> {
    let refusal = |case, code, path: &str| Refused::wrong(case, code, "path", &json!({ "path": path }));
    let too_long = "ä".repeat(picture_path::MAX_CHARACTERS);
    let address = "https://example.org/";
    let long_address = address.to_owned() + &"a".repeat(picture_path::MAX_CHARACTERS + 1 - address.len());
    let refusals = vec![
        Refused::wrong("no path", "wrong_shape", "path", &json!({"paths": "/a.jpg"})),
        Refused::wrong("two paths", "wrong_shape", "path", &r#"{"path": "/a.jpg", "path": "/b.jpg"}"#),
        Refused::wrong("a number for the path", "wrong_shape", "path", &json!({"path": 5})),
        Refused::wrong("a list for the path", "wrong_shape", "path", &json!({"path": ["/a.jpg"]})),
        Refused::wrong("no truth", "wrong_shape", "rerun", &json!({"path": "/a.jpg", "rerun": "yes"})),
        Refused::unreadable("wrong and cut off", "not_json", r#"{"path": 5"#),
        Refused::unreadable("not UTF-8", "not_json", b"{\"path\": \"/\xff.jpg\"}".as_slice()),
        Refused::wrong("half a surrogate pair", "wrong_shape", "path", &r#"{"path": "/\ud83d.jpg"}"#),
        Refused::unreadable("two documents", "not_json", r#"{"path": "/a.jpg"}{"path": "/b.jpg"}"#),
        refusal("empty", "path_malformed", ""),
        refusal("the root", "path_malformed", "/"),
        refusal("a NUL", "path_malformed", "/a\0.jpg"),
        refusal("2,049 characters", "path_malformed", &too_long),
        refusal("3,000 characters", "path_malformed", &"a".repeat(3_000)),
        refusal("above the root", "path_outside_root", "/photos/../../etc/passwd"),
        refusal("an address without a host", "address_malformed", "https://"),
        refusal("a bucket without a key", "address_malformed", "s3://bucket"),
        refusal("2,049 characters of address", "address_malformed", &long_address),
        refusal(
            "a password that would be stored",
            "address_with_password",
            "https://me:word@example.org/a.jpg",
        ),
    ];
    expect_refusals("/image/post", refusals).await
}

#[tokio::test]
async fn a_batch_of_another_shape_is_refused_as_a_whole() -> anyhow::Result<()> {
    // A good entry, and one that is not.
    let entry = |case, field, wrong: &Value| {
        Refused::wrong(case, "wrong_shape", field, &json!({"paths": [{"path": "/a.jpg"}, wrong]}))
    };
    let too_many = vec![json!({"path": "/a.jpg"}); 10_001];
    let refusals = vec![
        Refused::wrong("no paths", "wrong_shape", "paths", &json!({"path": "/a.jpg"})),
        Refused::wrong("a number for the list", "wrong_shape", "paths", &json!({"paths": 5})),
        Refused::wrong(
            "an object for the list",
            "wrong_shape",
            "paths",
            &json!({"paths": {"path": "/a.jpg"}}),
        ),
        entry("without a path", "paths[1].path", &json!({})),
        entry("a path by itself", "paths[1]", &json!("/a.jpg")),
        entry("a list", "paths[1]", &json!(["/a.jpg"])),
        entry("nothing", "paths[1]", &json!(null)),
        entry("a number for the path", "paths[1].path", &json!({"path": 5})),
        entry("no truth", "paths[1].rerun", &json!({"path": "/a.jpg", "rerun": 1})),
        Refused::unreadable("cut off", "not_json", r#"{"paths": [["/a.jpg"]"#),
        Refused::wrong("10,001 paths", "too_many_paths", "paths", &json!({ "paths": too_many })),
    ];
    expect_refusals("/images/post", refusals).await
}

/// What says beforehand that it is too large is answered before it is sent.
#[tokio::test]
async fn a_body_of_20_mib_is_refused_unread() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    for route in ["/image/post", "/images/post"] {
        for key in [None, Some("a")] {
            let unread = stream::poll_fn(|_| -> Poll<Option<Result<Bytes, Infallible>>> {
                panic!("the body is read")
            });
            let mut request = receiver::request("POST", route, Body::from_stream(unread))?;
            request.headers_mut().insert(header::CONTENT_LENGTH, (20 * 1024 * 1024).into());
            if let Some(key) = key {
                request.headers_mut().insert("idempotency-key", key.parse()?);
            }

            let answer = receiver.send(request).await?;

            answer.expect_problem(route, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", None);
        }
    }
    assert_eq!(receiver.count_stored().await?, (0, 0));
    Ok(())
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_a_problem_too() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let no_number = (StatusCode::UNPROCESSABLE_ENTITY, "wrong_shape", Some("id"));
    let cases = [
        ("GET", "/", (StatusCode::NOT_FOUND, "unknown_route", None)),
        ("POST", "/image/post/", (StatusCode::NOT_FOUND, "unknown_route", None)),
        ("GET", "/api/v1/images/1", (StatusCode::NOT_FOUND, "unknown_image", None)),
        ("GET", "/api/v1/images/first", no_number),
        ("GET", "/api/v1/images/-1", no_number),
        ("GET", "/api/v1/images/18446744073709551616", no_number),
    ];

    for (method, route, (status, code, field)) in cases {
        let answer = receiver.send(receiver::request(method, route, "")?).await?;

        answer.expect_problem(&format!("{method} {route}"), status, code, field);
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_method_is_told_with_the_right_one() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let cases = [
        ("GET", "/image/post", "POST"),
        ("PUT", "/images/post", "POST"),
        ("PUT", "/api/v1/images/1", "GET,HEAD,DELETE"),
    ];

    for (method, route, allowed) in cases {
        let answer = receiver.send(receiver::request(method, route, "")?).await?;

        answer.expect_problem(route, StatusCode::METHOD_NOT_ALLOWED, "wrong_method", None);
        assert_eq!(answer.headers[header::ALLOW], allowed, "{method} {route}");
    }
    Ok(())
}
