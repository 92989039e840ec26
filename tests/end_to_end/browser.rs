//! A real browser without a window: Chromium, told what to do over two pipes (the `DevTools` protocol).

use std::{process::Stdio, time::Duration};

use anyhow::Context;
use rollcall_tests::{installed::find_program, wait};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::table::DEADLINE;

/// The browser reads commands from file 3 and writes answers to file 4; all else that it says is left away.
const PIPED: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;
const OPTIONS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
];

/// A browser with one page. It ends with the test.
pub(crate) struct Browser {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    sent: u64,
    session: Option<String>,
    _profile: TempDir,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        Self::try_start().await.expect("the browser starts")
    }

    async fn try_start() -> anyhow::Result<Self> {
        let program = find_program("chromium", &[]).context("chromium is missing: run `make setup`")?;
        let profile = tempfile::tempdir()?;
        let mut process = Command::new("sh")
            .args(["-c", PIPED, "sh"])
            .arg(program)
            .args(OPTIONS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let commands = process.stdin.take().context("its input is a pipe")?;
        let answers = BufReader::new(process.stdout.take().context("its output is a pipe")?);
        let mut browser = Self { process, commands, answers, sent: 0, session: None, _profile: profile };
        let page = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await?;
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach).await?;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        Ok(browser)
    }

    /// Asks for something and waits for its answer.
    async fn call(&mut self, method: &str, parameters: Value) -> anyhow::Result<Value> {
        self.sent += 1;
        let mut command = json!({ "id": self.sent, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).await?;
        let answered = async {
            loop {
                let mut message = Vec::new();
                let length = self.answers.read_until(0, &mut message).await?;
                anyhow::ensure!(length > 0, "the browser ended");
                message.pop();
                let mut message: Value = serde_json::from_slice(&message)?;
                if message["id"] == self.sent {
                    anyhow::ensure!(message["error"].is_null(), "{method}: {}", message["error"]);
                    return Ok(message["result"].take());
                }
            }
        };
        timeout(DEADLINE, answered).await.with_context(|| format!("no answer to {method}"))?
    }

    async fn must(&mut self, method: &str, parameters: Value) -> Value {
        self.call(method, parameters).await.expect("the browser does it")
    }

    /// Goes to an address, until it is loaded.
    pub(crate) async fn open(&mut self, url: &str) {
        self.must("Page.navigate", json!({ "url": url })).await;
        let here = format!("location.href === {} && document.readyState === 'complete'", json!(url));
        self.until(&here).await;
    }

    /// What an expression of JavaScript is on the page.
    pub(crate) async fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.must("Runtime.evaluate", asked).await;
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub(crate) async fn until(&mut self, expression: &str) {
        let is_true = wait::until(expression, DEADLINE, async || match self.value(expression).await {
            Value::Bool(true) => Ok(()),
            other => {
                let text = self.value("document.body?.innerText ?? ''").await;
                Err(format!("{other}; the page says {text}"))
            }
        });
        is_true.await.expect("it comes true in time");
    }

    /// Makes the window this large.
    pub(crate) async fn resize(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.must("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Wants pages `light` or `dark`.
    pub(crate) async fn prefer(&mut self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.must("Emulation.setEmulatedMedia", json!({ "features": [feature] })).await;
    }

    /// Runs no script of a page from now on.
    pub(crate) async fn forbid_scripts(&mut self) {
        self.must("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    }

    pub(crate) async fn stop(mut self) {
        // It may be gone before it answers.
        self.session = None;
        let _gone = self.call("Browser.close", json!({})).await;
        let ended = timeout(Duration::from_secs(20), self.process.wait()).await;
        ended.expect("the browser ends").expect("its end is seen");
    }
}
