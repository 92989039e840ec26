//! Pods that are replaced while pictures are posted.

use std::collections::BTreeSet;

use super::cluster::Cluster;
use crate::load::Load;

const SERVICES: [&str; 4] = ["receiver", "image-processor", "face-recognition", "frontend"];
/// More than are posted meanwhile.
const ENOUGH: usize = 1000;

/// No request fails, and no picture is charged.
pub(super) async fn restart_each(cluster: &Cluster) -> anyhow::Result<String> {
    let paths = cluster.copies("restarted", ENOUGH).await?;
    let load = Load::start(cluster.client().clone(), paths);
    for service in SERVICES {
        let name = format!("deployment/{service}");
        cluster.kubectl(&["rollout", "restart", &name]).await?;
        cluster.kubectl(&["rollout", "status", &name, "--timeout=300s"]).await?;
    }
    let report = load.stop().await?;
    anyhow::ensure!(report.failures.is_empty(), "{:?}", report.failures);
    cluster.client().until_all_processed(&report.ids).await?;
    Ok(format!("{} posts and {} pages, none failed", report.ids.len(), report.pages))
}

/// Requests may fail while the only pod of a service is away; what was accepted gets its result.
pub(super) async fn delete_each(cluster: &Cluster) -> anyhow::Result<String> {
    let paths = cluster.copies("deleted", ENOUGH).await?;
    let before: BTreeSet<String> = cluster.pods().await?.into_iter().map(|pod| pod.name).collect();
    let load = Load::start(cluster.client().clone(), paths);
    for pod in &before {
        cluster.kubectl(&["delete", "pod", pod]).await?;
        cluster.until_rolled_out().await?;
    }
    let report = load.stop().await?;
    for id in &report.ids {
        let image = cluster.client().until_final(*id).await?;
        anyhow::ensure!(image["status"] == "processed", "{image}");
    }
    let (accepted, refused) = (report.ids.len(), report.failures.len());
    Ok(format!("{} pods; {accepted} pictures accepted and named, {refused} requests failed", before.len()))
}
