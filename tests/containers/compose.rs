//! `docker/compose.yaml`.

mod deployment;

use reqwest::StatusCode;
use serde_json::json;

use self::deployment::Deployment;
use crate::{load::Load, looks, summary::part, visitor::Visitor};

/// Pictures that the workers and the recognisers share.
const SHARED: usize = 90;
/// More than are posted while a recogniser stops.
const ENOUGH: usize = 600;

#[tokio::test]
async fn one_command_gives_a_system_that_names_people_and_shares_the_work() -> anyhow::Result<()> {
    let deployment =
        Deployment::up(&["--scale", "image-processor=3", "--scale", "face-recognition=2"]).await?;
    let client = deployment.client();
    part("the first picture is named", async {
        client.expect_obama().await?;
        Ok("Barack Obama, on the page".to_owned())
    })
    .await?;
    part("three workers and two recognisers share the work", share(&deployment)).await?;
    part("a recogniser that is stopped costs no picture", stop_one(&deployment)).await?;
    part("a known photo counts as long as it is there, without a restart", follow(&deployment)).await?;
    part("who has signed in adds a picture and a known photo by the pages", change(&deployment)).await?;
    part("a path outside the folder is refused", async {
        let (status, refused) = client.try_post(&json!({ "path": "/../etc/passwd" })).await?;
        let refusal = (status, &refused["code"]);
        anyhow::ensure!(
            refusal == (StatusCode::UNPROCESSABLE_ENTITY, &json!("path_outside_root")),
            "{refused}"
        );
        Ok(status.to_string())
    })
    .await?;
    deployment.down().await
}

async fn share(deployment: &Deployment) -> anyhow::Result<String> {
    let paths = deployment.copies("shared", SHARED).await?;
    let before = deployment.looks_of_each_recogniser().await?;
    let ids = deployment.client().post_all(&paths).await?;
    deployment.client().until_all_processed(&ids).await?;

    let workers = deployment.lines_of_each("image-processor", "recognised").await?;
    let total: usize = workers.values().sum();
    anyhow::ensure!(
        workers.len() == 3 && total == SHARED + 1,
        "each picture once, by all workers: {workers:?}"
    );
    let after = deployment.looks_of_each_recogniser().await?;
    let looks = looks::since(&before, &after);
    anyhow::ensure!(looks.len() == 2 && looks.iter().all(|looks| *looks > 20), "both recognisers: {looks:?}");
    Ok(format!("workers {:?}, recognisers {looks:?}", workers.values().collect::<Vec<_>>()))
}

async fn change(deployment: &Deployment) -> anyhow::Result<String> {
    let client = deployment.client();
    let stranger = Visitor::new(client, "not-the-token")?;
    let refused = stranger.upload("obama2.jpg").await;
    anyhow::ensure!(refused.is_err(), "without the token it became image {refused:?}");
    let visitor = Visitor::new(client, &Deployment::api_token()?)?;
    let image = visitor.upload("obama2.jpg").await?;
    client.until_all_processed(&[image]).await?;
    visitor.enrol_face_of(image).await?;
    let photos = client.known_photos().await?;
    anyhow::ensure!(photos.iter().any(|photo| photo == "barack_obama_2.jpg"), "{photos:?}");
    Ok(photos.join(", "))
}

/// With one recogniser: two would notice it at different times.
async fn follow(deployment: &Deployment) -> anyhow::Result<String> {
    const KNOWN: &str = "/known_people/barack_obama.jpg";
    const ASIDE: &str = "/images/barack_obama.jpg";
    deployment.run_among_photos(&format!("mv {KNOWN} {ASIDE}")).await?;
    deployment.client().until_nobody().await?;
    deployment.run_among_photos(&format!("mv {ASIDE} {KNOWN}")).await?;
    deployment.client().until_obama().await?;
    Ok("named, not known, named".to_owned())
}

async fn stop_one(deployment: &Deployment) -> anyhow::Result<String> {
    let paths = deployment.copies("stopped", ENOUGH).await?;
    let load = Load::start(deployment.client().clone(), paths);
    deployment.scale_down_recognisers().await?;
    let report = load.stop().await?;
    anyhow::ensure!(report.failures.is_empty(), "{:?}", report.failures);
    deployment.client().until_all_processed(&report.ids).await?;
    Ok(format!("{} pictures while two recognisers became one", report.ids.len()))
}
