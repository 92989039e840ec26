//! Waiting for a condition, with a deadline and the last thing seen in the error.

use std::{fmt::Display, time::Duration};

use tokio::time::{Instant, sleep};

const PAUSE: Duration = Duration::from_millis(20);

/// Asks `probe` until it answers `Ok`; after `deadline` the error holds what it said last.
pub async fn until<T, E: Display, F>(what: &str, deadline: Duration, mut probe: F) -> anyhow::Result<T>
where
    F: AsyncFnMut() -> Result<T, E>,
{
    let end = Instant::now() + deadline;
    loop {
        match probe().await {
            Ok(value) => return Ok(value),
            Err(last) if Instant::now() >= end => {
                anyhow::bail!("waited {} s for {what}; last seen: {last}", deadline.as_secs())
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}
