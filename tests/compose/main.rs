//! `docker/compose.yaml` as its users meet it: real images in a real Docker engine. `make test-compose` builds the images
//! first. Not part of `make test`, because of its time and because not every machine has an engine.

mod deployment;

use std::{collections::BTreeMap, time::Duration};

use reqwest::StatusCode;
use serde_json::json;

use deployment::Deployment;

/// Pictures that three workers share.
const SHARED: usize = 60;
const RECOGNITION_BUDGET: Duration = Duration::from_mins(4);

#[tokio::test]
async fn one_command_gives_a_system_that_names_people_and_shares_the_work() -> anyhow::Result<()> {
    let deployment = Deployment::up(&["--scale", "image-processor=3"]).await?;

    let id = deployment.post("/unknown_images/unknown0001.jpg").await?;
    let image = deployment.until_final(id, RECOGNITION_BUDGET).await?;
    assert_eq!(image["person"]["name"], "Barack Obama", "{image}");
    let page = deployment.page().await?;
    assert!(page.contains("Barack Obama") && page.contains("/unknown_images/unknown0001.jpg"), "{page}");

    let mut ids = Vec::new();
    for number in 0..SHARED {
        let copy = format!("/unknown_images/copy{number}.jpg");
        deployment.copy_picture("/unknown_images/unknown0001.jpg", &copy).await?;
        ids.push(deployment.post(&copy).await?);
    }
    for id in ids {
        let image = deployment.until_final(id, RECOGNITION_BUDGET).await?;
        assert_eq!(image["status"], "processed", "{image}");
    }
    let shares: BTreeMap<String, usize> = deployment.lines_of_each("image-processor", "recognised").await?;
    assert_eq!(shares.len(), 3, "every worker did its share: {shares:?}");
    assert_eq!(shares.values().sum::<usize>(), SHARED + 1, "each picture once: {shares:?}");

    let (status, refused) = deployment.try_post(&json!({ "path": "/../etc/passwd" })).await?;
    assert_eq!((status, &refused["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("path_outside_root")));
    deployment.down().await
}
