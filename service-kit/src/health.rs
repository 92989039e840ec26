//! `/livez`, `/readyz` and `/metrics`.
//!
//! Liveness touches nothing: a process that can answer is alive. Readiness asks each dependency, at most once a
//! second however often it is polled, and turns false as soon as the process is told to stop.

use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const FRESH_FOR: Duration = Duration::from_secs(1);

type Answer = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// The dependencies of a service, in the order in which they were added.
pub struct Health {
    checks: Vec<Check>,
    stopping: CancellationToken,
    metrics: PrometheusHandle,
}

struct Check {
    name: &'static str,
    required: bool,
    ask: Box<dyn Fn() -> Answer + Send + Sync>,
}

impl Health {
    /// No dependency yet. `stopping` is the token that a signal cancels.
    #[must_use]
    pub fn new(metrics: PrometheusHandle, stopping: CancellationToken) -> Self {
        Self { checks: Vec::new(), stopping, metrics }
    }

    /// A dependency without which the service is not ready. An `Err` says in words what is wrong.
    #[must_use]
    pub fn requires<F, R>(self, name: &'static str, ask: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.with(name, true, ask)
    }

    /// A dependency that is shown and is no reason to take the service out of use.
    #[must_use]
    pub fn reports<F, R>(self, name: &'static str, ask: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.with(name, false, ask)
    }

    fn with<F, R>(mut self, name: &'static str, required: bool, ask: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.push(Check { name, required, ask: Box::new(move || Box::pin(ask())) });
        self
    }

    /// The three routes.
    pub fn router(self) -> Router {
        let shared = Arc::new(Shared { health: self, last: Mutex::new(None) });
        Router::new()
            .route("/livez", get(async || "alive\n"))
            .route("/readyz", get(readyz))
            .route("/metrics", get(render_metrics))
            .with_state(shared)
    }

    async fn ask_all(&self) -> Report {
        let mut checks = BTreeMap::new();
        for check in &self.checks {
            let answer = match timeout(CHECK_TIMEOUT, (check.ask)()).await {
                Ok(answer) => answer,
                Err(_) => Err(format!("no answer within {} s", CHECK_TIMEOUT.as_secs())),
            };
            let finding = Finding { ok: answer.is_ok(), required: check.required, detail: answer.err() };
            checks.insert(check.name, finding);
        }
        let ready = checks.values().all(|finding| finding.ok || !finding.required);
        Report { ready, checks }
    }
}

struct Shared {
    health: Health,
    last: Mutex<Option<(Instant, Report)>>,
}

/// The body of `/readyz`.
#[derive(Clone, Serialize)]
struct Report {
    ready: bool,
    checks: BTreeMap<&'static str, Finding>,
}

#[derive(Clone, Serialize)]
struct Finding {
    ok: bool,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

async fn readyz(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Report>) {
    // Held while asking: a burst of probes becomes one round of questions.
    let mut last = shared.last.lock().await;
    let mut report = match &*last {
        Some((asked, report)) if asked.elapsed() < FRESH_FOR => report.clone(),
        _ => {
            let report = shared.health.ask_all().await;
            last.insert((Instant::now(), report)).1.clone()
        }
    };
    if shared.health.stopping.is_cancelled() {
        report.ready = false;
    }
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report))
}

async fn render_metrics(State(shared): State<Arc<Shared>>) -> String {
    shared.health.metrics.run_upkeep();
    shared.health.metrics.render()
}
