//! The cluster, through `kubectl`, and the services in it, through the API server's proxy: it picks a ready pod of the
//! service for each request, as a Service does.

use std::{collections::BTreeMap, fs, path::Path, process::Stdio, time::Duration};

use anyhow::Context;
use reqwest::Client as Http;
use rollcall_tests::{http, wait};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    client::Client,
    command,
    looks::{self, Looks},
    pictures,
};

const NAMESPACE: &str = "rollcall";
/// On a namespace that this test made and may delete.
const MARK: &str = "rollcall-test=true";
/// For pods that start on a busy machine.
const ROLLOUT: &str = "--timeout=300s";
const BUDGET: Duration = Duration::from_mins(5);

pub(super) struct Cluster {
    client: Client,
    http: Http,
    proxy: String,
    /// Ends with this.
    _kubectl: Child,
}

/// A pod by its name, and what it is.
#[derive(Debug, Clone)]
pub(super) struct Pod {
    pub(super) name: String,
    pub(super) of: String,
}

impl Cluster {
    /// Begins with an empty namespace, and with nothing of an earlier run.
    pub(super) async fn connect() -> anyhow::Result<Self> {
        refuse_what_is_not_ours().await?;
        kubectl(&["delete", "namespace", NAMESPACE, "--ignore-not-found", ROLLOUT]).await?;
        kubectl(&["apply", "--filename", "k8s/base/namespace.yaml"]).await?;
        kubectl(&["label", "namespace", NAMESPACE, MARK, "--overwrite"]).await?;
        let mut child = Command::new("kubectl")
            .args(["proxy", "--port=0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("there is no command kubectl")?;
        let output = child.stdout.take().context("its output is piped")?;
        let line = BufReader::new(output).lines().next_line().await?.context("kubectl proxy ended")?;
        let address = line.rsplit(' ').next().context("kubectl proxy says where it listens")?;
        let proxy = format!("http://{address}/api/v1/namespaces/{NAMESPACE}");
        let service = |name: &str| format!("{proxy}/services/{name}:http/proxy");
        let client = Client::new(service("receiver"), service("frontend"))?;
        Ok(Self { client, http: http::client()?, proxy, _kubectl: child })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Deletes everything that was made, the data with it.
    pub(super) async fn clean(self) -> anyhow::Result<()> {
        kubectl(&["delete", "namespace", NAMESPACE, ROLLOUT]).await.map(drop)
    }

    /// `kubectl` in our namespace.
    pub(super) async fn kubectl(&self, arguments: &[&str]) -> anyhow::Result<String> {
        kubectl(&[&["--namespace", NAMESPACE], arguments].concat()).await
    }

    pub(super) async fn apply(&self, folder: &str) -> anyhow::Result<String> {
        kubectl(&["apply", "--kustomize", folder]).await
    }

    /// Waits until every pod of every service is there and ready.
    pub(super) async fn until_rolled_out(&self) -> anyhow::Result<()> {
        let workloads = self.kubectl(&["get", "deployments,statefulsets", "--output=name"]).await?;
        for workload in workloads.lines() {
            self.kubectl(&["rollout", "status", workload, ROLLOUT]).await?;
        }
        Ok(())
    }

    /// Changes how many pods a service has, and waits until it has them, and those that go are gone.
    pub(super) async fn scale(&self, deployment: &str, replicas: usize) -> anyhow::Result<()> {
        let name = format!("deployment/{deployment}");
        self.kubectl(&["scale", &name, &format!("--replicas={replicas}")]).await?;
        self.kubectl(&["rollout", "status", &name, ROLLOUT]).await?;
        wait::until("the pods to come and go", BUDGET, async || {
            let pods = self.pods_of(deployment).await?;
            anyhow::ensure!(pods.len() == replicas, "{pods:?}");
            Ok(())
        })
        .await
    }

    /// The pods of the services, not those of jobs, also those that are about to end.
    pub(super) async fn pods(&self) -> anyhow::Result<Vec<Pod>> {
        let list: Value = serde_json::from_str(&self.kubectl(&["get", "pods", "--output=json"]).await?)?;
        let pods = list["items"].as_array().context("a list of pods")?;
        let is_of_service = |pod: &&Value| {
            let owner = pod["metadata"]["ownerReferences"][0]["kind"].as_str().unwrap_or_default();
            ["ReplicaSet", "StatefulSet", "DaemonSet"].contains(&owner)
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let pod = |pod: &Value| Pod {
            name: text(&pod["metadata"]["name"]),
            of: text(&pod["metadata"]["labels"]["app.kubernetes.io/name"]),
        };
        Ok(pods.iter().filter(is_of_service).map(pod).collect())
    }

    pub(super) async fn pods_of(&self, service: &str) -> anyhow::Result<Vec<Pod>> {
        Ok(self.pods().await?.into_iter().filter(|pod| pod.of == service).collect())
    }

    /// How many lines of each pod's log hold this text, by the pods that match the selector.
    pub(super) async fn lines_of_each(
        &self,
        selector: &str,
        container: &str,
        text: &str,
    ) -> anyhow::Result<BTreeMap<String, usize>> {
        let pods = self.kubectl(&["get", "pods", "--selector", selector, "--output=name"]).await?;
        let mut lines = BTreeMap::new();
        for pod in pods.lines() {
            let log = self.kubectl(&["logs", pod, "--container", container]).await?;
            lines.insert(pod.to_owned(), log.lines().filter(|line| line.contains(text)).count());
        }
        Ok(lines)
    }

    /// Pictures that each recogniser looked at.
    pub(super) async fn looks_of_each_recogniser(&self) -> anyhow::Result<Looks> {
        let mut looks = Looks::new();
        for pod in self.pods_of("face-recognition").await? {
            let url = format!("{}/pods/{}:8003/proxy/metrics", self.proxy, pod.name);
            let metrics = self.http.get(url).send().await?.error_for_status()?.text().await?;
            looks.insert(pod.name, looks::in_metrics(&metrics)?);
        }
        Ok(looks)
    }

    /// What the worker's admin port tells of the recognisers that it knows.
    pub(super) async fn recognisers_of(&self, worker: &str) -> anyhow::Result<Vec<Value>> {
        let url = format!("{}/pods/{worker}:8002/proxy/recognisers", self.proxy);
        Ok(self.http.get(url).send().await?.error_for_status()?.json().await?)
    }

    /// One picture again and again, under paths of their own, which are returned.
    pub(super) async fn copies(&self, folder: &str, count: usize) -> anyhow::Result<Vec<String>> {
        self.apply("k8s/photos").await?;
        self.kubectl(&["wait", "--for=condition=Ready", "pod/photos", ROLLOUT]).await?;
        let copy = pictures::copy_command(folder, count);
        self.kubectl(&["exec", "photos", "--", "sh", "-c", &copy]).await?;
        kubectl(&["delete", "--kustomize", "k8s/photos"]).await?;
        Ok(pictures::paths(folder, count))
    }

    /// Asks the database as its administrator.
    pub(super) async fn sql(&self, statement: &str) -> anyhow::Result<String> {
        let ask = format!(
            "MYSQL_PWD=\"$(cat /run/secrets/mysql-root/password)\" \
             exec mysql --user=root --skip-column-names rollcall --execute=\"{statement}\""
        );
        Ok(self.kubectl(&["exec", "mysql-0", "--", "sh", "-c", &ask]).await?.trim().to_owned())
    }
}

/// An overlay for the time of a test, beside the others, where kustomize allows it to name them.
pub(super) struct Overlay {
    folder: TempDir,
}

impl Overlay {
    /// What stands in its `kustomization.yaml`.
    pub(super) fn new(kustomization: &str) -> anyhow::Result<Self> {
        let overlays = Path::new(env!("CARGO_MANIFEST_DIR")).join("../k8s/overlays");
        let folder = tempfile::Builder::new().prefix("test-").tempdir_in(overlays)?;
        fs::write(folder.path().join("kustomization.yaml"), kustomization)?;
        Ok(Self { folder })
    }

    pub(super) fn path(&self) -> &str {
        self.folder.path().to_str().expect("the path of the checkout is text")
    }
}

/// The namespace is deleted with all its data: never one that somebody works with.
async fn refuse_what_is_not_ours() -> anyhow::Result<()> {
    let marked = kubectl(&["get", "namespaces", "--selector", MARK, "--output=name"]).await?;
    let found = kubectl(&["get", "namespace", NAMESPACE, "--ignore-not-found", "--output=name"]).await?;
    anyhow::ensure!(
        found.is_empty() || marked.lines().any(|name| name == found.trim()),
        "the namespace {NAMESPACE} was not made by this test, which would delete it with its data: delete it \
         yourself, or let KUBECONFIG name another cluster"
    );
    Ok(())
}

pub(super) async fn kubectl(arguments: &[&str]) -> anyhow::Result<String> {
    command::run("kubectl", arguments, &[]).await
}
