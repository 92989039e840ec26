//! `docker/stack.yaml`, on the one node of a swarm.

mod stack;

use self::stack::{FOREIGN_FAULT, Stack};
use crate::summary::part;

/// Pictures that the workers share.
const SHARED: usize = 60;

#[tokio::test]
async fn a_stack_names_people_scales_and_takes_a_bad_update_back() -> anyhow::Result<()> {
    let stack = Stack::deploy().await?;
    let client = stack.client();
    part("the first picture is named", async {
        client.expect_obama().await?;
        Ok("Barack Obama, on the page".to_owned())
    })
    .await?;
    part("three workers and two recognisers share the work", share(&stack)).await?;
    part("a rolling update of recognisers and workers costs no picture", update(&stack)).await?;
    part("an update that does not get healthy is taken back", take_back(&stack)).await?;
    part("passwords are secrets, settings a config", seal(&stack)).await?;
    stack.remove().await
}

async fn share(stack: &Stack) -> anyhow::Result<String> {
    stack.scale("image-processor", 3).await?;
    stack.scale("face-recognition", 2).await?;
    let paths = stack.copies("shared", SHARED).await?;
    let ids = stack.client().post_all(&paths).await?;
    stack.client().until_all_processed(&ids).await?;

    let workers = stack.lines_of_each_task("image-processor", "recognised").await?;
    let total: usize = workers.values().sum();
    anyhow::ensure!(
        workers.len() == 3 && total == SHARED + 1,
        "each picture once, by all workers: {workers:?}"
    );
    Ok(format!("workers {:?}", workers.values().collect::<Vec<_>>()))
}

async fn update(stack: &Stack) -> anyhow::Result<String> {
    let paths = stack.copies("updated", SHARED).await?;
    let ids = stack.client().post_all(&paths).await?;
    stack.update("face-recognition", &["--force"]).await?;
    stack.update("image-processor", &["--force"]).await?;
    stack.client().until_all_processed(&ids).await?;
    Ok(format!("{SHARED} pictures"))
}

async fn take_back(stack: &Stack) -> anyhow::Result<String> {
    stack.start_update("image-processor", &["--env-add", FOREIGN_FAULT]).await?;
    let state = stack.until_update_ended("image-processor").await?;
    anyhow::ensure!(state == "rollback_completed", "{state}");
    let environment = stack.environment_of("image-processor").await?;
    anyhow::ensure!(!environment.contains(FOREIGN_FAULT), "{environment}");
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
    anyhow::ensure!(secrets == 4 && configs == 1, "{secrets} secrets, {configs} configs");
    Ok(format!("{secrets} secrets, {configs} config"))
}
