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
            Err(_) => break,
        }
        // A timeout asks the probe first: one that answers at once never hears of the deadline from it.
        if Instant::now() >= end {
            break;
        }
        sleep(PAUSE).await;
    }
    anyhow::bail!("waited {} s for {what}; last seen: {last}", deadline.as_secs_f32())
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::pending};

    use tokio::time::timeout;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    /// Who waits for it has failed.
    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_probe_that_answers_at_once_is_asked_until_the_deadline_and_quoted() -> anyhow::Result<()> {
        let mut asked = 0;
        let waiting = until("the number 1,000,000", SHORT, async || {
            asked += 1;
            Err::<(), _>(asked)
        });

        let error = timeout(LONG, waiting).await?.expect_err("it never gets there");

        assert_eq!(error.to_string(), format!("waited 0.05 s for the number 1,000,000; last seen: {asked}"));
        Ok(())
    }

    #[tokio::test]
    async fn a_probe_that_hangs_is_cut_off_at_the_deadline() -> anyhow::Result<()> {
        let waiting = until("godot", SHORT, async || pending::<Result<(), Infallible>>().await);

        let error = timeout(LONG, waiting).await?.expect_err("he does not come");

        assert_eq!(error.to_string(), "waited 0.05 s for godot; last seen: nothing");
        Ok(())
    }

    #[tokio::test]
    async fn what_the_probe_finds_is_the_answer() -> anyhow::Result<()> {
        let mut asked = 0;
        let found = until("the third time", LONG, async || {
            asked += 1;
            if asked == 3 { Ok("charm") } else { Err(asked) }
        });

        assert_eq!(found.await?, "charm");
        Ok(())
    }
}
