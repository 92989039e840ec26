//! The work-queue job and the timer.

use super::cluster::{Cluster, kubectl};

const ROWS: usize = 300;

/// The workers are away; the job's own pods do everything, each row once.
pub(super) async fn drain(cluster: &Cluster) -> anyhow::Result<String> {
    cluster.scale("image-processor", 0).await?;
    let paths = cluster.copies("drained", ROWS).await?;
    let ids = cluster.client().post_all(&paths).await?;

    cluster.apply("k8s/drain").await?;
    cluster.kubectl(&["wait", "--for=condition=complete", "--timeout=500s", "job/drain"]).await?;

    let done = cluster.lines_of_each("app.kubernetes.io/name=drain", "drain", "recognised").await?;
    let shares: Vec<usize> = done.into_values().collect();
    anyhow::ensure!(shares.len() == 3 && shares.iter().sum::<usize>() == ROWS, "each once: {shares:?}");
    cluster.client().until_all_processed(&ids).await?;
    kubectl(&["delete", "--kustomize", "k8s/drain"]).await?;
    Ok(format!("pods {shares:?}"))
}

/// A worker died with an image: nobody is there to sweep but the job that the timer starts, begun by hand.
pub(super) async fn redeem(cluster: &Cluster) -> anyhow::Result<String> {
    let paths = cluster.copies("redeemed", 1).await?;
    let ids = cluster.client().post_all(&paths).await?;
    let [id] = ids.as_slice() else { anyhow::bail!("one id: {ids:?}") };
    cluster
        .sql(&format!(
            "UPDATE images SET status = 3, lease_token = lease_token + 1, lease_owner = 'gone:1', \
             lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE WHERE id = {id}"
        ))
        .await?;

    cluster.kubectl(&["create", "job", "--from=cronjob/redeemer", "redeem-now"]).await?;
    cluster.kubectl(&["wait", "--for=condition=complete", "--timeout=120s", "job/redeem-now"]).await?;
    let image = cluster.client().image(*id).await?;
    anyhow::ensure!(image["status"] == "pending" && image["losses"] == 1, "{image}");

    cluster.scale("image-processor", 1).await?;
    let image = cluster.client().until_final(*id).await?;
    anyhow::ensure!(image["status"] == "processed", "{image}");
    let said = cluster.kubectl(&["logs", "job/redeem-now"]).await?;
    Ok(said.lines().last().unwrap_or_default().to_owned())
}
