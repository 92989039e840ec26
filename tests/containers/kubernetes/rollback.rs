//! `kubectl rollout undo`.

use std::time::Duration;

use rollcall_tests::wait;

use super::cluster::{Cluster, Overlay};
use crate::load::Load;

const BUDGET: Duration = Duration::from_mins(2);
/// More than are posted meanwhile.
const ENOUGH: usize = 600;

/// A receiver that cannot start holds its rollout; the one of before goes on until the change is taken back.
pub(super) async fn bad_configuration(cluster: &Cluster) -> anyhow::Result<String> {
    let overlay = Overlay::new(
        "resources: [../local]\nconfigMapGenerator:\n\
         - {name: receiver, behavior: merge, literals: [IMAGE_ROOT=pictures]}\n",
    )?;
    let paths = cluster.copies("rolled-back", ENOUGH).await?;
    let load = Load::start(cluster.client().clone(), paths);

    cluster.apply(overlay.path()).await?;
    let reason = wait::until("a receiver that cannot start", BUDGET, async || {
        let states = "{.items[*].status.containerStatuses[*].lastState.terminated.exitCode}";
        let selector = "app.kubernetes.io/name=receiver";
        let output = format!("--output=jsonpath={states}");
        let code = cluster.kubectl(&["get", "pods", "--selector", selector, &output]).await?;
        anyhow::ensure!(code.contains("64"), "exit codes {code:?}");
        Ok(code)
    })
    .await?;
    cluster.kubectl(&["rollout", "undo", "deployment/receiver"]).await?;
    cluster.kubectl(&["rollout", "status", "deployment/receiver", "--timeout=120s"]).await?;

    let report = load.stop().await?;
    anyhow::ensure!(report.failures.is_empty(), "{:?}", report.failures);
    cluster.client().until_all_processed(&report.ids).await?;
    // Taken back in the files too.
    cluster.apply("k8s/overlays/local").await?;
    cluster.until_rolled_out().await?;
    Ok(format!("exit code {reason}; {} posts, none failed", report.ids.len()))
}
