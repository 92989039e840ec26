//! Pictures that are uploaded.

use service_kit::bearer::Access;

use super::*;

const GIF: &[u8] = b"GIF89a and no more";

#[tokio::test]
async fn an_uploaded_picture_is_an_image_like_any_other() -> anyhow::Result<()> {
    let scene = Scene::start().await?;

    let uploaded = scene.bring("/pictures?name=Holiday%202024.GIF", GIF).await?;
    let again = scene.bring("/pictures?name=other.gif", GIF).await?;

    let path = uploaded.body["path"].as_str().expect("a path");
    assert_eq!((uploaded.status, &uploaded.body["created"]), (StatusCode::ACCEPTED, &json!(true)));
    assert!(path.starts_with("/uploads/") && path.ends_with("-holiday_2024.gif"), "{path}");
    assert_eq!(std::fs::read(scene.root.path().join(&path[1..]))?, GIF);
    let known = json!({"id": 1, "path": path, "status": "pending", "created": false});
    assert_eq!((again.status, &again.body), (StatusCode::OK, &known));
    assert_eq!(scene.receiver.count_stored().await?, (1, 1));
    assert_eq!(scene.actors().await?, [("local".to_owned(), "picture_uploaded".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_stored_is_told_and_nothing_is_posted() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let large = Body::from(vec![0xff; (32 << 20) + 1]);

    let words = scene.bring("/pictures", "words").await?;
    let too_large = scene.bring("/pictures", large).await?;
    let empty = scene.bring("/pictures", "").await?;
    let query = scene.bring("/pictures?path=/a.jpg", GIF).await?;

    words.expect_problem("words", StatusCode::UNPROCESSABLE_ENTITY, "not_an_image", None);
    too_large.expect_problem("large", StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", None);
    empty.expect_problem("empty", StatusCode::BAD_REQUEST, "body_empty", None);
    query.expect_problem("query", StatusCode::UNPROCESSABLE_ENTITY, "wrong_query", None);
    assert_eq!(scene.receiver.count_stored().await?, (0, 0));
    Ok(())
}

#[tokio::test]
async fn other_routes_take_no_bodies_as_large_as_pictures() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(9 << 20));

    for route in ["/people", "/faces/1/enrol", "/unknown-groups/1/name"] {
        let mut request = receiver::request("POST", &format!("/api/v1{route}"), large.clone())?;
        request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse()?);
        let refused = scene.receiver.send(request).await?;
        refused.expect_problem(route, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", None);
    }
    Ok(())
}

#[tokio::test]
async fn without_the_right_to_nothing_is_changed() -> anyhow::Result<()> {
    let receiver = Receiver::start_for(Access::Closed).await?;
    let routes = [
        ("POST", "/people"),
        ("PATCH", "/people/1"),
        ("DELETE", "/people/1"),
        ("POST", "/people/1/merge"),
        ("POST", "/merges/1/undo"),
        ("POST", "/people/1/photos"),
        ("DELETE", "/known-photos/a.jpg"),
        ("PUT", "/faces/1/person"),
        ("DELETE", "/faces/1/person"),
        ("PUT", "/faces/1/not/1"),
        ("DELETE", "/faces/1/not/1"),
        ("POST", "/faces/1/enrol"),
        ("POST", "/unknown-groups/1/name"),
        ("POST", "/pictures"),
    ];
    for (method, route) in routes {
        let refused = receiver.send(receiver::request(method, &format!("/api/v1{route}"), "")?).await?;
        refused.expect_problem(route, StatusCode::FORBIDDEN, "not_local", None);
    }
    Ok(())
}
