//! How fast images go through everything but the recogniser: it answers at once, the same for every picture.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    Settings,
    figures::{median, rate},
    report,
    rig::{Rig, batch},
    usage::Usage,
};
use crate::{
    installed::Installed,
    scripted_recogniser::{Script, ScriptedRecogniser},
};

/// Between two looks at how many are done: looking costs the database time.
const PAUSE: Duration = Duration::from_millis(250);
/// How long one round may take.
const BUDGET: Duration = Duration::from_mins(5);

/// Receiver, nsqd, worker and database, with a new database.
pub(super) async fn measure(settings: &Settings, installed: &Installed) -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    let rig = Rig::with_recogniser_at(installed, recogniser.address(), settings.concurrency).await?;
    run_round(settings, &rig).await?;
    let before = Usage::now()?;
    let mut times = Vec::new();
    for _ in 0..settings.rounds {
        times.push(run_round(settings, &rig).await?);
    }
    let used = Usage::now()?.processor_since(&before, settings.rounds * settings.images);
    let rate = median(times.iter().map(|took| rate(settings.images, *took)));
    let what =
        format!("pipeline, {} images in one request, {} in work", settings.images, settings.concurrency);
    report::line(&what, &format!("{rate:.0} images/s"), "1,500/s");
    report::line("processor time of one image", &used, "");
    rig.stop().await
}

/// From the request until the last result, by the database's clock.
async fn run_round(settings: &Settings, rig: &Rig) -> anyhow::Result<Duration> {
    let body = batch((0..settings.images).map(|_| rig.new_path()));
    let mut connection = rig.connect().await?;
    let (began, done): (String, i64) =
        sqlx::query_as("SELECT CAST(UTC_TIMESTAMP(6) AS CHAR), COUNT(*) FROM images WHERE status = 1")
            .fetch_one(&rig.pool)
            .await?;
    let end = Instant::now() + BUDGET;
    connection.post("/images/post", &body).await?.ensure(202)?;
    let mut left = i64::from(settings.images);
    while left > 0 {
        anyhow::ensure!(Instant::now() < end, "{left} images have no result after {} s", BUDGET.as_secs());
        sleep(PAUSE).await;
        left = i64::from(settings.images) + done - processed(rig).await?;
    }
    let microseconds: i64 =
        sqlx::query_scalar("SELECT TIMESTAMPDIFF(MICROSECOND, ?, MAX(updated_at)) FROM images")
            .bind(began)
            .fetch_one(&rig.pool)
            .await?;
    Ok(Duration::from_micros(microseconds.try_into()?))
}

async fn processed(rig: &Rig) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM images WHERE status = 1").fetch_one(&rig.pool).await?)
}
