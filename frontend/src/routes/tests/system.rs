//! The page about the system.

use axum::{Json, routing};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;

/// A service that answers as a worker does. It ends with the test.
async fn worker() -> anyhow::Result<String> {
    let readiness = json!({ "ready": false, "checks": {
        "database": { "ok": true, "required": true },
        "queue": { "ok": false, "required": false, "detail": "no <nsqd>" },
    } });
    let breaker = json!({ "state": "open", "consecutive_failures": null, "generation": 3,
                          "retry_after_ms": 4200, "opened": 2 });
    let router = Router::new()
        .route("/readyz", routing::get(async || (StatusCode::SERVICE_UNAVAILABLE, Json(readiness))))
        .route("/breaker", routing::get(async || Json(breaker)));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}"))
}

#[tokio::test]
async fn each_service_tells_how_it_is_and_what_it_lacks() -> anyhow::Result<()> {
    let nobody = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let services = [format!("worker={}", worker().await?), format!("receiver=http://{nobody}")];
    let services = services.iter().map(|address| address.parse().expect("an address")).collect();
    let frontend = Frontend::asking(services).await?;

    let page = frontend.get("/system").await?;

    page.expect(
        StatusCode::OK,
        &[
            "not ready</span> <strong>worker</strong>",
            "queue: no &#60;nsqd&#62;",
            "Open: the recogniser is given a rest, 5 s more.",
            "It opened 2 times",
            "no answer</span> <strong>receiver</strong>",
        ],
    );
    Ok(())
}

#[tokio::test]
async fn images_and_the_results_of_the_last_hour_are_counted() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(4).await?;
    frontend
        .update_images(
            "UPDATE images SET status = IF(id = 4, 0, 1), created_at = UTC_TIMESTAMP(6) - INTERVAL 2 SECOND,
                    updated_at = UTC_TIMESTAMP(6) - INTERVAL IF(id = 1, 2, 0) HOUR",
        )
        .await?;

    let page = frontend.get("/system").await?;

    page.expect(
        StatusCode::OK,
        &[
            "None is configured",
            "processed</span></a></th><td>3</td>",
            "2 in the last hour",
            "at most 2",
            "The first that waits for a worker could be taken",
            "0 messages are not published yet.",
        ],
    );
    Ok(())
}
