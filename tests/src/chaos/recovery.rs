//! How long it takes after a fault until all is as before.

use std::{fmt, time::Duration};

use tokio::time::{Instant, sleep};

use super::site::Site;
use crate::wait;

/// Between two looks: looking costs the database time.
const PAUSE: Duration = Duration::from_millis(200);
/// How long each of the two steps may take.
const BUDGET: Duration = Duration::from_mins(6);

/// Times since the end of a fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Recovery {
    /// Until nine of ten new pictures had their result within a second, for a second's worth of them at least.
    pub(super) flowing: Duration,
    /// Until no picture had waited for more than five seconds; where that was waited for.
    pub(super) caught_up: Option<Duration>,
}

/// Waits until new pictures have their results as before.
pub(super) async fn flowing(site: &Site, rate: u32) -> anyhow::Result<Duration> {
    let ended = Instant::now();
    let newest: u64 = wait::until("the database to answer", BUDGET, async || {
        sqlx::query_scalar("SELECT CAST(COALESCE(MAX(id), 0) AS UNSIGNED) FROM images")
            .fetch_one(&site.pool)
            .await
    })
    .await?;
    wait::until("new pictures to have their results", BUDGET, async || {
        let (new, done) = new_pictures(site, newest).await.map_err(|error| error.to_string())?;
        if new >= i64::from(rate) && done * 10 >= new * 9 {
            return Ok(());
        }
        sleep(PAUSE).await;
        Err(format!("{done} of {new} have one"))
    })
    .await?;
    Ok(ended.elapsed())
}

/// Pictures after this one that are older than a second, and how many of them have a result.
async fn new_pictures(site: &Site, newest: u64) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(status IN (1, 2, 4)), 0) AS SIGNED) FROM images
         WHERE id > ? AND created_at < UTC_TIMESTAMP(6) - INTERVAL 1 SECOND",
    )
    .bind(newest)
    .fetch_one(&site.pool)
    .await
}

/// Waits until nothing is left over from before.
pub(super) async fn caught_up(site: &Site) -> anyhow::Result<()> {
    wait::until("every picture to have its result", BUDGET, async || {
        let open = open_pictures(site).await.map_err(|error| error.to_string())?;
        let unanswered = site.load.unanswered();
        if open == 0 && unanswered < 10 {
            return Ok(());
        }
        sleep(PAUSE).await;
        Err(format!("{open} pictures wait for more than 5 s, {unanswered} posts have no answer"))
    })
    .await
}

/// Pictures that are older than five seconds and have no result.
async fn open_pictures(site: &Site) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT COUNT(*) FROM images
         WHERE status IN (0, 2, 3) AND (status <> 2 OR retryable)
           AND created_at < UTC_TIMESTAMP(6) - INTERVAL 5 SECOND",
    )
    .fetch_one(&site.pool)
    .await
}

impl fmt::Display for Recovery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.1} s | ", self.flowing.as_secs_f64())?;
        match self.caught_up {
            Some(caught_up) => write!(formatter, "{:.1} s", caught_up.as_secs_f64()),
            None => write!(formatter, "not waited for"),
        }
    }
}
