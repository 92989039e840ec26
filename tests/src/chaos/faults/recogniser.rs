//! What a scripted recogniser does to its callers.

use std::time::Duration;

use sqlx::MySqlPool;
use tokio::time::{Instant, sleep};
use tonic::Code;

use super::{Charges, Fault, Site};
use crate::scripted_recogniser::{Recognize, Script};

/// How long the recogniser is away each time that a picture has ended it.
const RESTART: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(10);
const FATAL_PATH: &str = "/fatal.jpg";
/// How long a picture that ends the recogniser may go on.
const FATAL_BUDGET: Duration = Duration::from_mins(8);

fn known() -> Script {
    Script::identifies("john_doe.jpg")
}

/// What it says instead of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// Nothing at all, to health pings neither.
    Nothing,
    /// Nothing, but that it is healthy.
    OnlyThatItIsWell,
    /// The answer, too late for the breaker and in time for the image.
    AnswersSlowly,
    /// `INTERNAL`, and that it is healthy.
    Internal,
}

/// The recogniser says something else.
pub(super) struct Misbehaves(pub(super) Says);

#[tonic::async_trait(?Send)]
impl Fault for Misbehaves {
    fn name(&self) -> String {
        match self.0 {
            Says::Nothing => "recogniser-hangs",
            Says::OnlyThatItIsWell => "recogniser-hangs-and-seems-well",
            Says::AnswersSlowly => "recogniser-slow",
            Says::Internal => "recogniser-internal",
        }
        .to_owned()
    }

    fn charges(&self) -> Charges {
        match self.0 {
            Says::Nothing | Says::AnswersSlowly => Charges::Nothing,
            Says::OnlyThatItIsWell | Says::Internal => Charges::Attempts,
        }
    }

    fn is_scripted(&self) -> bool {
        true
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        let slow = site.recognition_timeout.mul_f64(0.6);
        let says = self.0;
        site.script()?.change(|script| match says {
            Says::Nothing => (script.recognize, script.healthy) = (Recognize::Hangs, false),
            Says::OnlyThatItIsWell => script.recognize = Recognize::Hangs,
            Says::AnswersSlowly => script.delay = slow,
            Says::Internal => script.recognize = Recognize::Fails(Code::Internal),
        });
        Ok(())
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        site.script()?.change(|script| *script = known());
        Ok(())
    }
}

/// One picture ends the recogniser each time that it is asked about it, and a platform starts it again. Lasts until the
/// picture is given up.
pub(super) struct FatalPicture;

#[tonic::async_trait(?Send)]
impl Fault for FatalPicture {
    fn name(&self) -> String {
        "recogniser-killed-by-a-picture".to_owned()
    }

    fn charges(&self) -> Charges {
        // Another picture's call that is lost with it, and the ping after which is answered by the next process.
        Charges::Attempts
    }

    fn is_scripted(&self) -> bool {
        true
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        site.script()?.change(|script| script.fatal_path = Some(FATAL_PATH.to_owned()));
        let id = site.load.post(FATAL_PATH).await;
        site.fatal.insert(id);
        Ok(())
    }

    async fn last(&mut self, site: &mut Site, _: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + FATAL_BUDGET;
        let mut deaths = 0;
        while !all_failed(&site.pool, site.fatal.iter().copied()).await? {
            anyhow::ensure!(Instant::now() < end, "the picture goes on after {deaths} deaths");
            let script = site.script()?;
            if script.deaths() > deaths {
                script.go_away().await?;
                sleep(RESTART).await;
                script.come_back()?;
                deaths = script.deaths();
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        site.script()?.change(|script| *script = known());
        Ok(())
    }
}

async fn all_failed(pool: &MySqlPool, ids: impl Iterator<Item = u64>) -> anyhow::Result<bool> {
    for id in ids {
        let open: bool = sqlx::query_scalar("SELECT status <> 2 OR retryable FROM images WHERE id = ?")
            .bind(id)
            .fetch_one(pool)
            .await?;
        if open {
            return Ok(false);
        }
    }
    Ok(true)
}
