//! `kubectl apply`.

use std::{fs, path::Path};

use super::cluster::{Cluster, Overlay, kubectl};

/// Nothing is made. What acts nowhere in a cluster, because its network enforces no policies for
/// instance, is accepted by this and not tested.
pub(super) async fn accepted() -> anyhow::Result<String> {
    for folder in ["k8s/overlays/local", "k8s/overlays/production", "k8s/drain"] {
        dry_run(folder).await?;
    }
    let components = components()?;
    for component in &components {
        let kustomization = format!("resources: [../local]\ncomponents: [../../components/{component}]\n");
        dry_run(Overlay::new(&kustomization)?.path()).await?;
    }
    Ok(format!("2 overlays, the drain, {} components", components.len()))
}

fn components() -> anyhow::Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../k8s/components");
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
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
