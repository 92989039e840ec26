//! A stack that is deployed to a swarm of one node.

use std::{
    collections::BTreeMap,
    process::{Command as BlockingCommand, Stdio},
    time::Duration,
};

use anyhow::Context;
use rollcall_tests::wait;

use crate::{
    client::Client,
    command,
    looks::{self, Looks},
    pictures,
};

const NAME: &str = "rollcall-test";
/// Fixed, because a service keeps its port. The mode is the one that every kernel can do, the order what it needs.
const VARIABLES: [(&str, &str); 5] = [
    ("RECEIVER_PORT", "18000"),
    ("FRONTEND_PORT", "18081"),
    ("PUBLISH_MODE", "host"),
    ("PUBLISH_ORDER", "stop-first"),
    ("SETTINGS", "test"),
];
const BUDGET: Duration = Duration::from_mins(5);
/// A setting with which a worker ends at once.
pub(super) const REFUSED_SETTING: &str = "LEASE=1ms";

/// Dropping it removes the stack, and the swarm where it was made for this. The data of a failed test stay in their volumes
/// until the next run begins.
pub(super) struct Stack {
    client: Client,
    _swarm: Swarm,
}

/// Left when it is dropped, unless it was there before.
struct Swarm {
    ours: bool,
}

impl Stack {
    pub(super) async fn deploy() -> anyhow::Result<Self> {
        let swarm = Swarm::join().await?;
        // What an interrupted run left behind.
        remove().await?;
        let deploy = ["stack", "deploy", "--compose-file", "docker/stack.yaml", NAME];
        command::run("docker", &deploy, &VARIABLES).await?;
        let client = Client::new("http://127.0.0.1:18000".to_owned(), "http://127.0.0.1:18081".to_owned())?;
        let stack = Self { client, _swarm: swarm };
        stack.until_settled().await?;
        Ok(stack)
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) async fn remove(self) -> anyhow::Result<()> {
        remove().await
    }

    pub(super) async fn scale(&self, service: &str, replicas: usize) -> anyhow::Result<()> {
        docker(&["service", "scale", "--detach=false", &format!("{NAME}_{service}={replicas}")])
            .await
            .map(drop)
    }

    /// Updates a service and waits for the end of that.
    pub(super) async fn update(&self, service: &str, change: &[&str]) -> anyhow::Result<()> {
        self.start_update(service, change).await?;
        let state = self.until_update_ended(service).await?;
        anyhow::ensure!(state == "completed", "the update of {service}: {state}");
        Ok(())
    }

    pub(super) async fn start_update(&self, service: &str, change: &[&str]) -> anyhow::Result<()> {
        let name = format!("{NAME}_{service}");
        docker(&[&["service", "update", "--detach", "--quiet"], change, &[name.as_str()]].concat())
            .await
            .map(drop)
    }

    pub(super) async fn until_update_ended(&self, service: &str) -> anyhow::Result<String> {
        wait::until("the end of an update", BUDGET, async || {
            let state = inspect(service, "{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}").await?;
            anyhow::ensure!(
                ["completed", "paused", "rollback_completed"].contains(&state.as_str()),
                "{state}"
            );
            Ok(state)
        })
        .await
    }

    pub(super) async fn environment_of(&self, service: &str) -> anyhow::Result<String> {
        inspect(service, "{{.Spec.TaskTemplate.ContainerSpec.Env}}").await
    }

    /// How many secrets or configs the stack has.
    pub(super) async fn owned(&self, kind: &str) -> anyhow::Result<usize> {
        let filter = format!("label=com.docker.stack.namespace={NAME}");
        Ok(docker(&[kind, "ls", "--quiet", "--filter", &filter]).await?.lines().count())
    }

    /// How many lines of each task's log hold this text.
    pub(super) async fn lines_of_each_task(
        &self,
        service: &str,
        text: &str,
    ) -> anyhow::Result<BTreeMap<String, usize>> {
        // What a task writes to its standard error comes back on ours.
        let logs = format!("exec docker service logs {NAME}_{service} 2>&1");
        let log = command::run("sh", &["-c", &logs], &[]).await?;
        let mut lines = BTreeMap::new();
        for line in log.lines().filter(|line| line.contains(text)) {
            let task = line.split('|').next().unwrap_or_default().trim();
            *lines.entry(task.to_owned()).or_default() += 1;
        }
        Ok(lines)
    }

    /// Pictures that each recogniser looked at.
    pub(super) async fn looks_of_each_recogniser(&self) -> anyhow::Result<Looks> {
        let filter = format!("label=com.docker.swarm.service.name={NAME}_face-recognition");
        looks::of_containers(&docker(&["ps", "--quiet", "--filter", &filter]).await?).await
    }

    /// One picture again and again, under paths of their own, which are returned.
    pub(super) async fn copies(&self, folder: &str, count: usize) -> anyhow::Result<Vec<String>> {
        let copy = pictures::copy_command(folder, count);
        let volume = format!("{NAME}_images:/images");
        let image = "rollcall/samples:0.1.0";
        docker(&["run", "--rm", "--volume", &volume, "--entrypoint", "sh", image, "-c", &copy]).await?;
        Ok(pictures::paths(folder, count))
    }

    async fn until_settled(&self) -> anyhow::Result<()> {
        wait::until("every service", BUDGET, async || {
            let services =
                docker(&["stack", "services", "--format", "{{.Name}} {{.Replicas}}", NAME]).await?;
            // Those that end have 0 of 1 when they are done.
            let serving =
                services.lines().filter(|line| !line.contains("_migrate") && !line.contains("_samples"));
            let waiting: Vec<&str> = serving.filter(|line| line.contains(" 0/")).collect();
            anyhow::ensure!(waiting.is_empty(), "{waiting:?}");
            self.client.page().await.map(drop)
        })
        .await?;
        wait::until("the samples", BUDGET, async || {
            let service = format!("{NAME}_samples");
            let tasks = docker(&["service", "ps", "--format", "{{.CurrentState}}", &service]).await?;
            anyhow::ensure!(tasks.contains("Complete"), "{tasks}");
            Ok(())
        })
        .await
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // After a failed test; the swarm is left behind it.
        let _result = quiet(&["stack", "rm", NAME]);
    }
}

impl Swarm {
    async fn join() -> anyhow::Result<Self> {
        let state = docker(&["info", "--format", "{{.Swarm.LocalNodeState}}"]).await?;
        let ours = state.trim() != "active";
        if ours {
            docker(&["swarm", "init", "--advertise-addr", "127.0.0.1"]).await?;
        }
        Ok(Self { ours })
    }
}

impl Drop for Swarm {
    fn drop(&mut self) {
        if self.ours {
            let _result = quiet(&["swarm", "leave", "--force"]);
        }
    }
}

async fn remove() -> anyhow::Result<()> {
    docker(&["stack", "rm", NAME]).await?;
    let filter = format!("label=com.docker.stack.namespace={NAME}");
    wait::until("the stack to be gone", BUDGET, async || {
        // Those that a swarm left behind when it was left itself.
        docker(&["container", "prune", "--force", "--filter", &filter]).await?;
        let containers = docker(&["ps", "--all", "--quiet", "--filter", &filter]).await?;
        let networks = docker(&["network", "ls", "--quiet", "--filter", &filter]).await?;
        anyhow::ensure!(containers.is_empty() && networks.is_empty(), "{containers} {networks}");
        Ok(())
    })
    .await?;
    let volumes = docker(&["volume", "ls", "--quiet", "--filter", &filter]).await?;
    for volume in volumes.lines() {
        docker(&["volume", "rm", volume]).await?;
    }
    Ok(())
}

async fn inspect(service: &str, format: &str) -> anyhow::Result<String> {
    let name = format!("{NAME}_{service}");
    Ok(docker(&["service", "inspect", "--format", format, &name]).await?.trim().to_owned())
}

async fn docker(arguments: &[&str]) -> anyhow::Result<String> {
    command::run("docker", arguments, &[]).await
}

fn quiet(arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = BlockingCommand::new("docker");
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().map(drop).context("docker")
}
