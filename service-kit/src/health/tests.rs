//! What a platform sees of a service's health.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{body::Body, http::Request};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::*;

fn health() -> (Health, CancellationToken) {
    let stopping = CancellationToken::new();
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    (Health::new(Process { stopping: stopping.clone(), metrics }), stopping)
}

async fn get(router: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).expect("a plain request");
    let response = router.clone().oneshot(request).await.expect("the routes cannot fail");
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a small body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

async fn well() -> Result<(), String> {
    Ok(())
}

async fn ill() -> Result<(), String> {
    Err("it is away".to_owned())
}

#[tokio::test]
async fn a_required_dependency_that_is_away_makes_the_service_unready_and_is_named() {
    let router = health().0.requires("database", ill).reports("queue", well).router();

    let (status, body) = get(&router, "/readyz").await;

    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains(r#""database":{"ok":false,"required":true,"detail":"it is away"}"#), "{body}");
}

#[tokio::test]
async fn a_reported_dependency_that_is_away_is_shown_and_harms_nothing() {
    let router = health().0.requires("database", well).reports("queue", ill).router();

    let (status, body) = get(&router, "/readyz").await;

    assert_eq!(status, StatusCode::OK);
    assert!(body.contains(r#""queue":{"ok":false,"required":false"#), "{body}");
}

#[tokio::test]
async fn a_service_that_stops_is_alive_and_not_ready() {
    let (health, stopping) = health();
    let router = health.requires("database", well).router();

    stopping.cancel();

    assert_eq!(get(&router, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get(&router, "/livez").await.0, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_dependency_is_asked_once_a_second_however_often_readiness_is() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let router = health()
        .0
        .requires("database", move || {
            count.fetch_add(1, Ordering::Relaxed);
            well()
        })
        .router();

    for _ in 0..10 {
        get(&router, "/readyz").await;
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    tokio::time::advance(FRESH_FOR).await;
    get(&router, "/readyz").await;
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_hangs_counts_as_away() {
    let router = health().0.requires("database", std::future::pending).router();

    let (status, body) = get(&router, "/readyz").await;

    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("no answer within 2 s"), "{body}");
}
