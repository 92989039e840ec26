//! An API that answers as it is told and remembers what it was asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::PAGE_BYTES;

/// What it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// `PUT /api/v1/faces/7/person`
    pub(super) what: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

#[derive(Debug, Default)]
struct Script {
    answers: HashMap<String, (StatusCode, Value)>,
    /// Answers that wait until it is cancelled.
    held: HashMap<String, CancellationToken>,
    asked: Vec<Asked>,
}

/// It ends with the test.
#[derive(Debug, Clone, Default)]
pub(super) struct ScriptedApi(Arc<Mutex<Script>>);

impl ScriptedApi {
    pub(super) async fn start(&self) -> anyhow::Result<Url> {
        let router = Router::new().fallback(answer).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?).parse()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(address)
    }

    /// Has it answer something from now on.
    pub(super) fn answers(&self, what: &str, status: StatusCode, body: Value) {
        self.0.lock().expect("no test panicked here").answers.insert(what.to_owned(), (status, body));
    }

    /// The same with a problem.
    pub(super) fn refuses(&self, what: &str, status: StatusCode, code: &str) {
        self.answers(what, status, json!({ "code": code, "detail": "do <this> instead" }));
    }

    /// Has it keep its answer back until this is cancelled.
    pub(super) fn holds(&self, what: &str, until: &CancellationToken) {
        self.0.lock().expect("no test panicked here").held.insert(what.to_owned(), until.clone());
    }

    /// What it was asked since the last time.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.0.lock().expect("no test panicked here").asked)
    }

    /// The same, of requests with JSON.
    pub(super) fn asked_json(&self) -> Vec<(String, Value)> {
        let json = |body: &[u8]| {
            if body.is_empty() { Value::Null } else { serde_json::from_slice(body).expect("JSON") }
        };
        self.asked().into_iter().map(|asked| (asked.what, json(&asked.body))).collect()
    }
}

async fn answer(State(api): State<ScriptedApi>, uri: Uri, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let what = format!("{} {uri}", head.method);
    let body = to_bytes(body, PAGE_BYTES).await.expect("a body that arrives");
    let (answer, until) = {
        let mut script = api.0.lock().expect("no test panicked here");
        let answer = script.answers.get(&what).cloned();
        let until = script.held.get(&what).cloned();
        script.asked.push(Asked { what, headers: head.headers, body });
        (answer, until)
    };
    if let Some(until) = until {
        until.cancelled().await;
    }
    match answer {
        Some((status, Value::String(text))) => (status, text).into_response(),
        Some((StatusCode::NO_CONTENT, _)) => StatusCode::NO_CONTENT.into_response(),
        Some((status, body)) => (status, Json(body)).into_response(),
        None => {
            (StatusCode::NOT_FOUND, Json(json!({ "code": "unknown_route", "detail": "no" }))).into_response()
        }
    }
}
