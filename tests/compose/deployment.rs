//! A running `docker compose` project, and what a person does with it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command as BlockingCommand, Stdio},
    time::Duration,
};

use anyhow::Context;
use reqwest::{Client, StatusCode};
use rollcall_tests::{http, wait};
use serde_json::{Value, json};
use tokio::process::Command;

const PROJECT: &str = "rollcall-test";
const STATES_OF_WORK: [&str; 2] = ["pending", "processing"];

/// Dropping it takes everything down, with its data.
pub(crate) struct Deployment {
    file: PathBuf,
    receiver: String,
    frontend: String,
    http: Client,
}

impl Deployment {
    /// Starts everything and waits until all of it is ready. Ports are the system's choice.
    pub(crate) async fn up(arguments: &[&str]) -> anyhow::Result<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/compose.yaml");
        let mut deployment =
            Self { file, receiver: String::new(), frontend: String::new(), http: http::client()? };
        // What an interrupted run left behind.
        deployment.compose(&["down", "--volumes"]).await?;
        deployment.compose(&[&["up", "--detach", "--wait", "--no-build"], arguments].concat()).await?;
        deployment.receiver = deployment.address_of("receiver", "8000").await?;
        deployment.frontend = deployment.address_of("frontend", "8081").await?;
        Ok(deployment)
    }

    pub(crate) async fn down(self) -> anyhow::Result<()> {
        self.compose(&["down", "--volumes"]).await.map(drop)
    }

    /// Posts one path and returns its id.
    pub(crate) async fn post(&self, path: &str) -> anyhow::Result<u64> {
        let (status, answer) = self.try_post(&json!({ "path": path })).await?;
        anyhow::ensure!(status == StatusCode::ACCEPTED, "{status}: {answer}");
        answer["id"].as_u64().context("an accepted picture has an id")
    }

    pub(crate) async fn try_post(&self, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
        let answer =
            self.http.post(format!("{}/image/post", self.receiver)).body(body.to_string()).send().await?;
        Ok((answer.status(), answer.json().await?))
    }

    /// The image, once nothing more happens to it.
    pub(crate) async fn until_final(&self, id: u64, budget: Duration) -> anyhow::Result<Value> {
        let url = format!("{}/api/v1/images/{id}", self.receiver);
        wait::until("the result of an image", budget, async || {
            let image: Value = self.http.get(&url).send().await?.json().await?;
            let in_work = image["status"].as_str().is_none_or(|status| STATES_OF_WORK.contains(&status));
            anyhow::ensure!(!in_work, "{image}");
            Ok(image)
        })
        .await
    }

    /// The table that a browser gets.
    pub(crate) async fn page(&self) -> anyhow::Result<String> {
        Ok(self.http.get(&self.frontend).send().await?.error_for_status()?.text().await?)
    }

    /// A picture once more, under another path.
    pub(crate) async fn copy_picture(&self, from: &str, to: &str) -> anyhow::Result<()> {
        let [from, to] = [from, to].map(|path| format!("/images{path}"));
        let copy = ["run", "--rm", "--no-deps", "--entrypoint", "cp", "samples", &from, &to];
        self.compose(&copy).await.map(drop)
    }

    /// How many lines of each container's log hold this text.
    pub(crate) async fn lines_of_each(
        &self,
        service: &str,
        text: &str,
    ) -> anyhow::Result<BTreeMap<String, usize>> {
        let log = self.compose(&["logs", "--no-color", service]).await?;
        let mut lines = BTreeMap::new();
        for line in log.lines().filter(|line| line.contains(text)) {
            let container = line.split_whitespace().next().unwrap_or_default();
            *lines.entry(container.to_owned()).or_default() += 1;
        }
        Ok(lines)
    }

    async fn address_of(&self, service: &str, port: &str) -> anyhow::Result<String> {
        let address = self.compose(&["port", service, port]).await?;
        Ok(format!("http://{}", address.trim().replace("0.0.0.0", "127.0.0.1")))
    }

    async fn compose(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = Command::new("docker")
            .args(Self::project(&self.file))
            .args(arguments)
            .env("RECEIVER_PORT", "0")
            .env("FRONTEND_PORT", "0")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("there is no docker command: install Docker")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "docker compose {}: {errors}", arguments.join(" "));
        Ok(String::from_utf8(output.stdout)?)
    }

    fn project(file: &Path) -> [&str; 5] {
        let file = file.to_str().expect("the path of the checkout is text");
        ["compose", "--project-name", PROJECT, "--file", file]
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        // After a failed test; after `down` there is nothing left to stop.
        let _result = BlockingCommand::new("docker")
            .args(Self::project(&self.file))
            .args(["down", "--volumes"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
