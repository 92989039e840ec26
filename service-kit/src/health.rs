//! `/livez`, `/readyz` and `/metrics`.
//!
//! Liveness touches nothing: a process that can answer is alive. Readiness asks each dependency, at most once a
//! second however often it is polled, and turns false as soon as the process is told to stop.

use std::{collections::BTreeMap, convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde::Serialize;
use tokio::time::timeout;

use crate::{fresh::Fresh, process::Process};

const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const FRESH_FOR: Duration = Duration::from_secs(1);

/// What a dependency answers; an `Err` says in words what is wrong.
pub trait Answer: Future<Output = Result<(), String>> + Send + 'static {}

impl<F: Future<Output = Result<(), String>> + Send + 'static> Answer for F {}

/// The dependencies of a service, in the order in which they were added.
pub struct Health {
    checks: Vec<Check>,
    process: Process,
    /// A burst of probes is one round of questions.
    report: Fresh<Report>,
}

struct Check {
    name: &'static str,
    required: bool,
    ask: Box<dyn Fn() -> Pin<Box<dyn Answer>> + Send + Sync>,
}

impl Health {
    /// No dependency yet.
    #[must_use]
    pub fn new(process: Process) -> Self {
        Self { checks: Vec::new(), process, report: Fresh::new(FRESH_FOR) }
    }

    /// A dependency without which the service is not ready.
    #[must_use]
    pub fn requires<A: Answer>(
        self,
        name: &'static str,
        ask: impl Fn() -> A + Send + Sync + 'static,
    ) -> Self {
        self.with(name, true, ask)
    }

    /// A dependency that is shown and is no reason to take the service out of use.
    #[must_use]
    pub fn reports<A: Answer>(self, name: &'static str, ask: impl Fn() -> A + Send + Sync + 'static) -> Self {
        self.with(name, false, ask)
    }

    fn with<A: Answer>(
        mut self,
        name: &'static str,
        required: bool,
        ask: impl Fn() -> A + Send + Sync + 'static,
    ) -> Self {
        self.checks.push(Check { name, required, ask: Box::new(move || Box::pin(ask())) });
        self
    }

    /// The three routes.
    pub fn router(self) -> Router {
        Router::new()
            .route("/livez", get(async || "alive\n"))
            .route("/readyz", get(readyz))
            .route("/metrics", get(async |State(health): State<Arc<Self>>| health.process.metrics.render()))
            .with_state(Arc::new(self))
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

async fn readyz(State(health): State<Arc<Health>>) -> (StatusCode, Json<Report>) {
    let Ok(mut report) = health.report.get(async || Ok::<_, Infallible>(health.ask_all().await)).await;
    if health.process.stopping.is_cancelled() {
        report.ready = false;
    }
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report))
}

#[cfg(test)]
mod tests;
