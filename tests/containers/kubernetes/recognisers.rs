//! Several recognisers, and a number of them that changes.

use std::{collections::BTreeMap, time::Duration};

use rollcall_tests::wait;

use super::cluster::{Cluster, Overlay};
use crate::{load::Load, looks};

const SHARED: usize = 200;
/// More than are posted while the recognisers change.
const ENOUGH: usize = 600;
const BUDGET: Duration = Duration::from_mins(1);
const WORKERS: &str = "app.kubernetes.io/name=image-processor";

pub(super) async fn share(cluster: &Cluster) -> anyhow::Result<String> {
    cluster.scale("image-processor", 3).await?;
    cluster.scale("face-recognition", 2).await?;
    until_every_worker_knows(cluster, 2).await?;
    let paths = cluster.copies("shared", SHARED).await?;
    let (before, looks_before) = (recognised(cluster).await?, cluster.looks_of_each_recogniser().await?);

    let ids = cluster.client().post_all(&paths).await?;
    cluster.client().until_all_processed(&ids).await?;

    let (after, looks_after) = (recognised(cluster).await?, cluster.looks_of_each_recogniser().await?);
    let workers: Vec<usize> =
        after.iter().map(|(pod, lines)| lines - before.get(pod).unwrap_or(&0)).collect();
    let looks = looks::since(&looks_before, &looks_after);
    let by_all = workers.len() == 3 && workers.iter().all(|share| *share > 20);
    anyhow::ensure!(
        by_all && workers.iter().sum::<usize>() == SHARED,
        "each once, by all workers: {workers:?}"
    );
    anyhow::ensure!(looks.len() == 2 && looks.iter().all(|share| *share > 40), "both recognisers: {looks:?}");
    Ok(format!("workers {workers:?}, recognisers {looks:?}"))
}

async fn recognised(cluster: &Cluster) -> anyhow::Result<BTreeMap<String, usize>> {
    cluster.lines_of_each(WORKERS, "image-processor", "recognised").await
}

pub(super) async fn by_dns(cluster: &Cluster) -> anyhow::Result<String> {
    come_and_go(cluster, "by-dns").await
}

async fn come_and_go(cluster: &Cluster, folder: &str) -> anyhow::Result<String> {
    let paths = cluster.copies(folder, ENOUGH).await?;
    cluster.scale("face-recognition", 1).await?;
    let load = Load::start(cluster.client().clone(), paths);
    for recognisers in [3, 1] {
        cluster.scale("face-recognition", recognisers).await?;
        until_every_worker_knows(cluster, recognisers).await?;
    }
    let report = load.stop().await?;
    anyhow::ensure!(report.failures.is_empty(), "{:?}", report.failures);
    cluster.client().until_all_processed(&report.ids).await?;
    Ok(format!("{} pictures, none charged or lost", report.ids.len()))
}

pub(super) async fn by_the_api(cluster: &Cluster) -> anyhow::Result<String> {
    let overlay = Overlay::new("resources: [../local]\ncomponents: [../../components/endpoint-slices]\n")?;
    cluster.apply(overlay.path()).await?;
    cluster.until_rolled_out().await?;
    let seen = come_and_go(cluster, "by-the-api").await?;
    cluster.apply("k8s/overlays/local").await?;
    cluster.until_rolled_out().await?;
    Ok(seen)
}

async fn until_every_worker_knows(cluster: &Cluster, recognisers: usize) -> anyhow::Result<()> {
    wait::until("every worker to know the recognisers", BUDGET, async || {
        for worker in cluster.pods_of("image-processor").await? {
            let known = cluster.recognisers_of(&worker.name).await?;
            anyhow::ensure!(known.len() == recognisers, "{}: {known:?}", worker.name);
        }
        Ok(())
    })
    .await
}
