//! `k8s/` in the cluster that `KUBECONFIG` names. The images are in it already; the namespace `rollcall` there is the
//! test's: it is deleted before and after, unless somebody else made it.

mod applying;
mod cluster;
mod jobs;
mod pods;
mod recognisers;
mod rollback;

use self::cluster::Cluster;
use crate::summary::part;

#[tokio::test]
async fn rollcall_in_a_cluster_names_people_and_loses_nothing() -> anyhow::Result<()> {
    let cluster = Cluster::connect().await?;
    part("every overlay and component is accepted by the API server", applying::accepted()).await?;
    part("the small overlay is up", applying::up(&cluster)).await?;
    let first = cluster.client().expect_obama().await?;
    part("a second apply changes nothing", applying::again(&cluster)).await?;
    part("three workers and two recognisers share 200 pictures", recognisers::share(&cluster)).await?;
    part("recognisers found by DNS, 1 to 3 to 1 under load", recognisers::by_dns(&cluster)).await?;
    part("recognisers found by the API, 1 to 3 to 1 under load", recognisers::by_the_api(&cluster)).await?;
    part("a rolling restart of each service under load", pods::restart_each(&cluster)).await?;
    part("every pod deleted in turn under load", pods::delete_each(&cluster)).await?;
    part("a bad configuration is taken back", rollback::bad_configuration(&cluster)).await?;
    part("the drain job empties 300 rows", jobs::drain(&cluster)).await?;
    part("the timer puts back what was lost", jobs::redeem(&cluster)).await?;
    part("the first picture is still there", async {
        let image = cluster.client().image(first).await?;
        anyhow::ensure!(image["status"] == "processed", "{image}");
        Ok(format!("image {first}"))
    })
    .await?;
    cluster.clean().await
}
