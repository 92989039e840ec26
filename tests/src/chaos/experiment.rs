//! One run: the faults of a form one after the other under load, and the audit at its end.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    audit::{Expected, audit},
    faults::{Charges, Planned, table},
    form::{Form, Length},
    recovery::{self, Recovery},
    site::{Recogniser, Site},
};
use crate::{installed::Installed, wait};

/// How long the last messages and results may take when nothing new is posted.
const SETTLE_BUDGET: Duration = Duration::from_mins(6);
const PAUSE: Duration = Duration::from_millis(500);

/// What a run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Images that were accepted.
    pub accepted: usize,
    /// What is not as promised, in sentences; empty when all is well.
    pub violations: Vec<String>,
}

/// Goes through the faults. `say` hears a line of the table for each, as soon as it is known.
pub(super) async fn run(
    installed: &Installed,
    form: &Form,
    recogniser: Recogniser,
    say: impl Fn(&str),
) -> anyhow::Result<Outcome> {
    let faults = table(form).into_iter().filter(|planned| match recogniser {
        Recogniser::Scripted => !planned.fault.is_real(),
        Recogniser::Real => !planned.fault.is_scripted(),
    });
    let faults: Vec<Planned> = faults.collect();
    anyhow::ensure!(!faults.is_empty(), "no fault has such a name; --list has them all");
    let mut run = Run {
        site: Site::start(installed, form, recogniser).await?,
        form: form.clone(),
        seen: BTreeSet::new(),
        charged: BTreeSet::new(),
        outcome: Outcome::default(),
    };
    let went = run.go(faults, say).await;
    if went.is_err() || !run.outcome.violations.is_empty() {
        let logs = run.site.keep_logs();
        run.outcome.violations.push(format!("the logs are in {logs}"));
    }
    if let Err(error) = went {
        return Err(error.context(run.outcome.violations.join("\n")));
    }
    run.site.stop().await?;
    Ok(run.outcome)
}

struct Run {
    site: Site,
    form: Form,
    /// Images that were charged attempts, and those of them that may have been.
    seen: BTreeSet<u64>,
    charged: BTreeSet<u64>,
    outcome: Outcome,
}

impl Run {
    async fn go(&mut self, faults: Vec<Planned>, say: impl Fn(&str)) -> anyhow::Result<()> {
        say("| fault | held | new pictures flow after | all caught up after | images charged |");
        say("|---|---|---|---|---|");
        recovery::flowing(&self.site, self.form.rate).await?;
        for planned in faults {
            say(&self.happen(planned).await?);
        }
        let accepted = self.site.stop_load().await?;
        self.settle().await?;
        self.note_charged("after the last fault", Charges::Nothing).await?;
        let expected = Expected { accepted, fatal: self.site.fatal.clone(), charged: self.charged.clone() };
        self.outcome.accepted = expected.accepted.len();
        let mut connection = self.site.pool.acquire().await?;
        let violations = audit(&mut connection, &expected).await?;
        self.outcome.violations.extend(violations.iter().map(ToString::to_string));
        Ok(())
    }

    /// Has one fault happen, and waits until its traces are gone. The answer is its line in the table.
    async fn happen(&mut self, Planned { mut fault, hold }: Planned) -> anyhow::Result<String> {
        let name = fault.name();
        let in_fault = |error: anyhow::Error| error.context(name.clone());
        let began = Instant::now();
        fault.begin(&mut self.site).await.map_err(in_fault)?;
        fault.last(&mut self.site, hold).await.map_err(in_fault)?;
        let held = began.elapsed();
        fault.end(&mut self.site).await.map_err(in_fault)?;

        let ended = Instant::now();
        let recovery = match recovery::flowing(&self.site, self.form.rate).await {
            Ok(flowing) if self.form.length == Length::Whole => {
                let caught_up = recovery::caught_up(&self.site).await;
                caught_up.map(|()| Recovery { flowing, caught_up: Some(ended.elapsed()) })
            }
            flowing => flowing.map(|flowing| Recovery { flowing, caught_up: None }),
        };
        let recovery = recovery.unwrap_or_else(|error| {
            self.outcome.violations.push(format!("{name}: no recovery: {error}"));
            Recovery::default()
        });
        if let Some(error) = self.site.unexpected_end().await {
            self.outcome.violations.push(format!("{name}: {error:#}"));
        }
        let charged = self.note_charged(&name, fault.charges()).await?;
        Ok(format!("| {name} | {:.0} s | {recovery} | {charged} |", held.as_secs_f64()))
    }

    /// Looks for images that were charged since the last look: how many there are.
    async fn note_charged(&mut self, name: &str, charges: Charges) -> anyhow::Result<usize> {
        let all: Vec<u64> =
            sqlx::query_scalar("SELECT id FROM images WHERE attempts > 0").fetch_all(&self.site.pool).await?;
        let new: Vec<u64> = all.into_iter().filter(|id| self.seen.insert(*id)).collect();
        match (charges, new.first()) {
            (_, None) => {}
            (Charges::Attempts, _) => self.charged.extend(&new),
            (Charges::Nothing, Some(first)) => self.outcome.violations.push(format!(
                "{name}: {} images were charged attempts for an outage, the first is {first}",
                new.len()
            )),
        }
        Ok(new.len())
    }

    /// Waits until nothing is left to do: no image is open, no message due.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let settled = wait::until("the last results", SETTLE_BUDGET, async || {
            let (open, due): (i64, i64) = sqlx::query_as(
                "SELECT (SELECT COUNT(*) FROM images WHERE status IN (0, 3) OR (status = 2 AND retryable)),
                        (SELECT COUNT(*) FROM outbox
                         WHERE published_at IS NULL AND due_at <= UTC_TIMESTAMP(6))",
            )
            .fetch_one(&self.site.pool)
            .await
            .map_err(|error| error.to_string())?;
            if open + due == 0 {
                return Ok(());
            }
            sleep(PAUSE).await;
            Err(format!("{open} images are open, {due} messages are due"))
        });
        if let Err(error) = settled.await {
            self.outcome.violations.push(error.to_string());
        }
        Ok(())
    }
}
