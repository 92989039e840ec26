//! How fast many images of one request are taken in: `POST /images/post`.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Settings,
    figures::{median, rate},
    fill, report,
    rig::{Rig, batch},
    usage::Usage,
};
use crate::installed::Installed;

/// With a new database, and with a full one.
pub(super) async fn measure(settings: &Settings, installed: &Installed) -> anyhow::Result<()> {
    let rig = Rig::intake(installed).await?;
    measure_rounds(settings, &rig, 0).await?;
    if settings.rows > 0 {
        fill::processed_images(&rig.pool, settings.rows).await?;
        measure_rounds(settings, &rig, settings.rows).await?;
    }
    rig.stop().await
}

async fn measure_rounds(settings: &Settings, rig: &Rig, rows: u32) -> anyhow::Result<()> {
    run_round(settings, rig).await?;
    let before = Usage::now()?;
    let mut times = Vec::new();
    for _ in 0..settings.rounds {
        times.push(run_round(settings, rig).await?);
    }
    let used = Usage::now()?.processor_since(&before, settings.rounds * settings.images);
    let rate = median(times.iter().map(|took| rate(settings.images, *took)));
    let what = format!("batches of {}, {rows} rows", settings.images);
    report::line(&what, &format!("{rate:.0} images/s"), "30,000/s");
    report::line("processor time of one image", &used, "");
    Ok(())
}

async fn run_round(settings: &Settings, rig: &Rig) -> anyhow::Result<Duration> {
    let body = batch((0..settings.images).map(|_| rig.new_path()));
    let mut connection = rig.connect().await?;
    let began = Instant::now();
    connection.post("/images/post", &body).await?.ensure(202)?;
    Ok(began.elapsed())
}
