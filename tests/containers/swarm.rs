//! `docker/stack.yaml`, on the one node of a swarm.

mod stack;

use self::stack::{REFUSED_SETTING, Stack};
use crate::{load::Load, looks, summary::part};

/// Pictures that the workers and the recognisers share.
const SHARED: usize = 90;
/// More than are posted while services are updated.
const ENOUGH: usize = 1000;

#[tokio::test]
async fn a_stack_names_people_scales_and_takes_a_bad_update_back() -> anyhow::Result<()> {
    let stack = Stack::deploy().await?;
    let client = stack.client();
    part("a picture is named, also when the recogniser was there before the known people", async {
        client.until_obama().await?;
        client.expect_obama_on_the_page().await?;
        Ok("Barack Obama, on the page".to_owned())
    })
    .await?;
    part("three workers and two recognisers share the work", share(&stack)).await?;
    part("a rolling update of recognisers and workers costs no picture", update(&stack)).await?;
    part("an update of the receiver loses nothing that it accepted", update_receiver(&stack)).await?;
    part("an update that does not get healthy is taken back", take_back(&stack)).await?;
    part("passwords and the token are secrets, settings a config", seal(&stack)).await?;
    stack.remove().await
}

async fn share(stack: &Stack) -> anyhow::Result<String> {
    stack.scale("image-processor", 3).await?;
    stack.scale("face-recognition", 2).await?;
    let paths = stack.copies("shared", SHARED).await?;
    let recognised = async || stack.lines_of_each_task("image-processor", "recognised").await;
    let (before, looks_before) = (recognised().await?, stack.looks_of_each_recogniser().await?);
    let ids = stack.client().post_all(&paths).await?;
    stack.client().until_all_processed(&ids).await?;

    let after = recognised().await?;
    let workers: Vec<usize> =
        after.iter().map(|(task, lines)| lines - before.get(task).unwrap_or(&0)).collect();
    let by_all = workers.len() == 3 && workers.iter().all(|share| *share > 0);
    anyhow::ensure!(
        by_all && workers.iter().sum::<usize>() == SHARED,
        "each picture once, by all workers: {workers:?}"
    );
    let looks = looks::since(&looks_before, &stack.looks_of_each_recogniser().await?);
    anyhow::ensure!(looks.len() == 2 && looks.iter().all(|looks| *looks > 20), "both recognisers: {looks:?}");
    Ok(format!("workers {workers:?}, recognisers {looks:?}"))
}

async fn update(stack: &Stack) -> anyhow::Result<String> {
    let paths = stack.copies("updated", ENOUGH).await?;
    let load = Load::start(stack.client().clone(), paths);
    stack.update("face-recognition", &["--force"]).await?;
    stack.update("image-processor", &["--force"]).await?;
    let report = load.stop().await?;
    anyhow::ensure!(report.failures.is_empty(), "{:?}", report.failures);
    stack.client().until_all_processed(&report.ids).await?;
    Ok(format!("{} posts and {} pages, none failed", report.ids.len(), report.pages))
}

/// Requests fail while the only receiver is away: in host mode the old one stops first.
async fn update_receiver(stack: &Stack) -> anyhow::Result<String> {
    let paths = stack.copies("received", ENOUGH).await?;
    let load = Load::start(stack.client().clone(), paths);
    stack.update("receiver", &["--force"]).await?;
    let report = load.stop().await?;
    stack.client().until_all_processed(&report.ids).await?;
    let (accepted, refused) = (report.ids.len(), report.failures.len());
    Ok(format!("{accepted} pictures accepted and named, {refused} requests failed"))
}

async fn take_back(stack: &Stack) -> anyhow::Result<String> {
    stack.start_update("image-processor", &["--env-add", REFUSED_SETTING]).await?;
    let state = stack.until_update_ended("image-processor").await?;
    anyhow::ensure!(state == "rollback_completed", "{state}");
    let environment = stack.environment_of("image-processor").await?;
    anyhow::ensure!(!environment.contains(REFUSED_SETTING), "{environment}");
    let paths = stack.copies("afterwards", 3).await?;
    let ids = stack.client().post_all(&paths).await?;
    stack.client().until_all_processed(&ids).await?;
    Ok(state)
}

async fn seal(stack: &Stack) -> anyhow::Result<String> {
    for service in ["receiver", "image-processor", "frontend"] {
        let environment = stack.environment_of(service).await?;
        anyhow::ensure!(!environment.contains("MYSQL_PASSWORD="), "{service}: {environment}");
    }
    let (secrets, configs) = (stack.owned("secret").await?, stack.owned("config").await?);
    anyhow::ensure!(secrets == 6 && configs == 1, "{secrets} secrets, {configs} configs");
    Ok(format!("{secrets} secrets, {configs} config"))
}
