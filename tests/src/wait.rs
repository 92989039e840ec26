//! Waiting for a condition, with a deadline and the last thing seen in the error.

use std::{fmt::Display, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};

const PAUSE: Duration = Duration::from_millis(20);

/// Asks `probe` until it answers `Ok`; after `deadline` the error holds what it said last. A probe that hangs is cut off.
pub async fn until<T, E: Display>(
    what: &str,
    deadline: Duration,
    mut probe: impl AsyncFnMut() -> Result<T, E>,
) -> anyhow::Result<T> {
    let end = Instant::now() + deadline;
    let mut last = "nothing".to_owned();
    loop {
        match timeout_at(end, probe()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(seen)) => last = seen.to_string(),
            Err(_) => anyhow::bail!("waited {} s for {what}; last seen: {last}", deadline.as_secs()),
        }
        sleep(PAUSE).await;
    }
}
