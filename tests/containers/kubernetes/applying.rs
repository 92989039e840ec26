//! `kubectl apply`.

use super::cluster::{Cluster, Overlay, kubectl};

const COMPONENTS: [&str; 4] =
    ["endpoint-slices", "network-policies", "nsqd-daemonset", "pod-disruption-budgets"];

/// Nothing is made but the namespace. What acts nowhere in a cluster, because its network enforces no policies for
/// instance, is accepted by this and not tested.
pub(super) async fn accepted(_: &Cluster) -> anyhow::Result<String> {
    kubectl(&["apply", "--filename", "k8s/base/namespace.yaml"]).await?;
    for folder in ["k8s/overlays/local", "k8s/overlays/production", "k8s/drain"] {
        dry_run(folder).await?;
    }
    for component in COMPONENTS {
        let kustomization = format!("resources: [../local]\ncomponents: [../../components/{component}]\n");
        dry_run(Overlay::new(&kustomization)?.path()).await?;
    }
    Ok(format!("2 overlays, the drain, {} components", COMPONENTS.len()))
}

async fn dry_run(folder: &str) -> anyhow::Result<()> {
    kubectl(&["apply", "--dry-run=server", "--kustomize", folder]).await.map(drop)
}

pub(super) async fn up(cluster: &Cluster) -> anyhow::Result<String> {
    cluster.apply("k8s/overlays/local").await?;
    cluster.until_rolled_out().await?;
    Ok(format!("{} pods", cluster.pods().await?.len()))
}

pub(super) async fn again(cluster: &Cluster) -> anyhow::Result<String> {
    let said = cluster.apply("k8s/overlays/local").await?;
    let changed: Vec<&str> = said.lines().filter(|line| !line.ends_with(" unchanged")).collect();
    anyhow::ensure!(changed.is_empty(), "{changed:?}");
    Ok(format!("{} objects", said.lines().count()))
}
