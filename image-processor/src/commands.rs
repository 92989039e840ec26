//! What runs once, says in one line what it did, and ends.

use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    drain,
    store::{Remaining, Store},
    sweeper,
    workplace::Workplace,
};

/// Sweeps once.
pub async fn redeem(config: Config, dry_run: bool) -> anyhow::Result<()> {
    let (workplace, committing) = Workplace::new(&config)?;
    if dry_run {
        let (leases, rounds) = workplace.store.sweepable().await?;
        say(&format!("redeem (dry run): {leases} leases ran out, {rounds} failed images are due again"));
    } else {
        let sweeper::Summary { leases, rounds } = sweeper::sweep(&workplace.store).await?;
        say(&format!(
            "redeem: {} leases ended, {} failed images tried again, {} given up",
            leases.put_back, rounds.put_back, leases.given_up
        ));
    }
    drop(workplace);
    committing.close().await;
    Ok(())
}

/// Works until nothing is left. An error when it was stopped before that.
pub async fn drain(config: Config, dry_run: bool, stopping: &CancellationToken) -> anyhow::Result<()> {
    let (workplace, mut committing) = Workplace::new(&config)?;
    let remaining = if dry_run {
        let last = workplace.store.last_image().await?;
        say(&format!("drain (dry run): {}", words(workplace.store.remaining(last).await?)));
        Remaining::default()
    } else {
        let Workplace { store, breaker, worker, .. } = &workplace;
        let summary = tokio::select! {
            summary = drain::run(store, worker, breaker, config.concurrency, stopping) => summary?,
            () = workplace.ping() => unreachable!("pinging has no end"),
            error = committing.unexpected_end() => return Err(error),
        };
        say(&format!("drain: worked on {} images; left: {}", summary.worked_on, words(summary.remaining)));
        summary.remaining
    };
    drop(workplace);
    committing.close().await;
    anyhow::ensure!(remaining.is_empty(), "the drain was stopped before everything was done");
    Ok(())
}

fn words(remaining: Remaining) -> String {
    let Remaining { due, delayed, processing } = remaining;
    format!("{due} due, {delayed} delayed, {processing} in work")
}

#[expect(clippy::print_stdout, reason = "the one line is what the command is asked for")]
fn say(line: &str) {
    println!("{line}");
}
