//! What the description says is what is answered, and the other way round.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use axum::{body::Body, http::Request};
use serde_json::Value;
use service_kit::bearer::{Access, BearerToken};

use super::*;

/// The description itself and the page that shows it; and what axum answers with the fallback.
const UNDESCRIBED: [&str; 6] =
    ["/openapi.json", "/docs", "/docs/", "/docs/{*rest}", "/", "/{*__private__axum_fallback}"];

async fn document(receiver: &Receiver) -> anyhow::Result<Value> {
    Ok(receiver.get("/openapi.json").await?.body)
}

/// Each path with its methods, in capitals, and what is said of them.
fn operations(document: &Value) -> BTreeMap<&str, BTreeMap<String, &Value>> {
    let paths = document["paths"].as_object().expect("paths");
    let methods = |item: &'_ Value| -> Vec<String> {
        item.as_object().expect("methods").keys().map(|method| method.to_uppercase()).collect()
    };
    paths
        .iter()
        .map(|(path, item)| {
            let said = methods(item).into_iter().map(|method| {
                let operation = &item[method.to_lowercase()];
                (method, operation)
            });
            (path.as_str(), said.collect())
        })
        .collect()
}

fn example(path: &str) -> String {
    path.replace("{id}", "4711")
}

#[tokio::test]
async fn every_path_that_is_answered_is_described() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let document = document(&receiver).await?;
    let described: BTreeSet<&str> = operations(&document).into_keys().collect();

    // The router lists its paths nowhere but here.
    let router = format!("{:?}", receiver.router());
    let answered: BTreeSet<&str> = router
        .split('"')
        .filter(|text| text.starts_with('/'))
        .filter(|path| !UNDESCRIBED.contains(path))
        .collect();

    assert_eq!(answered, described);
    assert!(described.contains("/image/post"), "{described:?}");
    Ok(())
}

#[tokio::test]
async fn every_path_is_answered_for_the_methods_that_are_described() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let document = document(&receiver).await?;

    for (path, methods) in operations(&document) {
        let answer = receiver.send(receiver::request("TRACE", &example(path), "")?).await?;

        let allowed = answer.headers.get(header::ALLOW).and_then(|methods| methods.to_str().ok());
        let allowed: BTreeSet<&str> =
            allowed.unwrap_or("").split(',').filter(|method| *method != "HEAD").collect();
        let described: BTreeSet<&str> = methods.keys().map(String::as_str).collect();
        assert_eq!(allowed, described, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn exactly_what_is_described_with_a_token_wants_one() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("token"), "s3cret")?;
    let token = BearerToken::read(&folder.path().join("token"))?;
    let receiver = Receiver::start_for(Access::Token(token)).await?;
    let document = document(&receiver).await?;

    let mut wanting = 0;
    for (path, methods) in operations(&document) {
        for (method, operation) in methods {
            let request = Request::builder().method(method.as_str()).uri(example(path)).body(Body::empty())?;
            let refused = receiver.send_raw(request).await?.status() == StatusCode::UNAUTHORIZED;

            assert_eq!(refused, !operation["security"].is_null(), "{method} {path}");
            wanting += usize::from(refused);
        }
    }
    assert!(wanting >= 4, "{wanting}");
    Ok(())
}

#[tokio::test]
async fn whatever_a_client_makes_of_the_description_has_names_of_its_own() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let document = document(&receiver).await?;

    let said: Vec<&Value> = operations(&document).into_values().flat_map(BTreeMap::into_values).collect();
    let names: BTreeSet<&str> =
        said.iter().filter_map(|operation| operation["operationId"].as_str()).collect();
    assert_eq!(names.len(), said.len(), "{names:?}");
    for operation in said {
        assert!(operation["summary"].is_string() && operation["tags"].is_array(), "{operation}");
        assert!(operation["responses"]["default"].is_object(), "{operation}");
    }
    let text = document.to_string();
    let references: BTreeSet<&str> =
        text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!references.is_empty());
    for reference in references {
        assert!(document.pointer(reference).is_some(), "nothing is at {reference}");
    }
    Ok(())
}

#[tokio::test]
async fn a_problem_is_described_as_one() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let document = document(&receiver).await?;

    for (path, status) in [("/api/v1/images/{id}", "404"), ("/api/v1/images/{id}", "default")] {
        let content = &document["paths"][path]["get"]["responses"][status]["content"];
        let schema = &content["application/problem+json"]["schema"]["$ref"];
        assert_eq!(schema, "#/components/schemas/Problem", "{path} {status}: {content}");
        assert_eq!(content.as_object().map(serde_json::Map::len), Some(1), "{content}");
    }
    Ok(())
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let page = receiver.send_raw(receiver::request("GET", "/docs/", "")?).await?;
    let html = String::from_utf8(page.body().to_vec())?;

    assert_eq!(page.status(), StatusCode::OK, "{html}");
    assert!(page.headers()[header::CONTENT_SECURITY_POLICY].to_str()?.contains("default-src 'none'"));
    let loaded: Vec<&str> = ["src=\"", "href=\""]
        .iter()
        .flat_map(|attribute| html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()))
        .collect();
    assert!(!loaded.is_empty(), "{html}");
    for name in loaded {
        assert!(name.starts_with("./") || !name.contains(':'), "{name}");
        let file = receiver.send_raw(receiver::request(
            "GET",
            &format!("/docs/{}", name.trim_start_matches("./")),
            "",
        )?);
        assert_eq!(file.await?.status(), StatusCode::OK, "{name}");
    }
    let settings = receiver.send_raw(receiver::request("GET", "/docs/swagger-initializer.js", "")?).await?;
    let settings = String::from_utf8(settings.body().to_vec())?;
    assert!(settings.contains("/openapi.json") && !settings.contains("http"), "{settings}");
    Ok(())
}
