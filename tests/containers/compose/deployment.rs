//! A running `docker compose` project.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command as BlockingCommand, Stdio},
};

use anyhow::Context;

use crate::{
    client::Client,
    command,
    looks::{self, Looks},
    pictures,
};

const FILE: &str = "docker/compose.yaml";
const PROJECT: [&str; 5] = ["compose", "--project-name", "rollcall-test", "--file", FILE];
/// Ports are the system's choice.
const PORTS: [(&str, &str); 2] = [("RECEIVER_PORT", "0"), ("FRONTEND_PORT", "0")];

/// Dropping it takes everything down, with its data.
pub(super) struct Deployment {
    client: Client,
}

impl Deployment {
    /// Starts everything and waits until all of it is ready.
    pub(super) async fn up(arguments: &[&str]) -> anyhow::Result<Self> {
        // What an interrupted run left behind.
        compose(&["down", "--volumes"]).await?;
        compose(&[&["up", "--detach", "--wait", "--no-build"], arguments].concat()).await?;
        let client =
            Client::new(address_of("receiver", "8000").await?, address_of("frontend", "8081").await?)?;
        Ok(Self { client })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// What the receiver wants of whoever changes something.
    pub(super) fn api_token() -> anyhow::Result<String> {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docker/secrets/receiver_api_token");
        Ok(fs::read_to_string(file).context(file)?.trim().to_owned())
    }

    pub(super) async fn down(self) -> anyhow::Result<()> {
        compose(&["down", "--volumes"]).await.map(drop)
    }

    /// One picture again and again, under paths of their own, which are returned.
    pub(super) async fn copies(&self, folder: &str, count: usize) -> anyhow::Result<Vec<String>> {
        self.run_among_photos(&pictures::copy_command(folder, count)).await?;
        Ok(pictures::paths(folder, count))
    }

    /// Runs a command of the shell where both volumes of photos can be written.
    pub(super) async fn run_among_photos(&self, command: &str) -> anyhow::Result<()> {
        let shell = ["run", "--rm", "--no-deps", "--entrypoint", "sh", "samples", "-c", command];
        compose(&shell).await.map(drop)
    }

    /// How many lines of each container's log hold this text.
    pub(super) async fn lines_of_each(
        &self,
        service: &str,
        text: &str,
    ) -> anyhow::Result<BTreeMap<String, usize>> {
        let log = compose(&["logs", "--no-color", service]).await?;
        let mut lines = BTreeMap::new();
        for line in log.lines().filter(|line| line.contains(text)) {
            let container = line.split_whitespace().next().unwrap_or_default();
            *lines.entry(container.to_owned()).or_default() += 1;
        }
        Ok(lines)
    }

    /// Pictures that each recogniser looked at.
    pub(super) async fn looks_of_each_recogniser(&self) -> anyhow::Result<Looks> {
        looks::of_containers(&compose(&["ps", "--quiet", "face-recognition"]).await?).await
    }

    /// One recogniser is enough from now on.
    pub(super) async fn scale_down_recognisers(&self) -> anyhow::Result<()> {
        let keep = ["--scale", "image-processor=3", "--scale", "face-recognition=1"];
        compose(&[&["up", "--detach", "--no-build", "--no-recreate"], keep.as_slice()].concat())
            .await
            .map(drop)
    }
}

async fn address_of(service: &str, port: &str) -> anyhow::Result<String> {
    let address = compose(&["port", service, port]).await?;
    Ok(format!("http://{}", address.trim().replace("0.0.0.0", "127.0.0.1")))
}

async fn compose(arguments: &[&str]) -> anyhow::Result<String> {
    command::run("docker", &[PROJECT.as_slice(), arguments].concat(), &PORTS).await.context("docker compose")
}

impl Drop for Deployment {
    fn drop(&mut self) {
        // After a failed test; after `down` there is nothing left to stop.
        let _result = BlockingCommand::new("docker")
            .args(PROJECT)
            .args(["down", "--volumes"])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
