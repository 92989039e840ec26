//! What runs once, says in one line what it did, and ends.

use std::num::NonZeroU32;

use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    drain,
    redrive::Redrive,
    store::{Remaining, Store},
    sweeper,
    workplace::Workplace,
};

/// Sweeps once.
pub async fn redeem(config: Config, dry_run: bool) -> anyhow::Result<()> {
    let (workplace, committing) = Workplace::new(&config)?;
    let told = redeem_with(&workplace.store, dry_run).await;
    drop(workplace);
    committing.close().await;
    say(&told?);
    Ok(())
}

async fn redeem_with(store: &impl Store, dry_run: bool) -> anyhow::Result<String> {
    if dry_run {
        let (leases, rounds) = store.sweepable().await?;
        return Ok(format!(
            "redeem (dry run): {leases} leases ran out, {rounds} failed images are due again"
        ));
    }
    let sweeper::Summary { leases, rounds } = sweeper::sweep(store).await?;
    Ok(format!(
        "redeem: {} leases ended, {} failed images tried again, {} given up",
        leases.put_back, rounds.put_back, leases.given_up
    ))
}

/// Puts dead letters back.
pub async fn redrive(config: Config, redrive: &Redrive, stopping: &CancellationToken) -> anyhow::Result<()> {
    let (workplace, committing) = Workplace::new(&config)?;
    let told = redrive.run(&workplace.store, stopping).await;
    drop(workplace);
    committing.close().await;
    say(&told?);
    Ok(())
}

/// Works until nothing is left. An error when it was stopped before that.
pub async fn drain(config: Config, dry_run: bool, stopping: &CancellationToken) -> anyhow::Result<()> {
    let (workplace, mut committing) = Workplace::new(&config)?;
    let remaining = if dry_run {
        count_for_drain(&workplace.store).await
    } else {
        tokio::select! {
            remaining = drain_with(&workplace, config.concurrency, stopping) => remaining,
            error = committing.unexpected_end() => Err(error),
        }
    };
    drop(workplace);
    committing.close().await;
    anyhow::ensure!(remaining?.is_empty(), "the drain was stopped before everything was done");
    Ok(())
}

/// Leaves nothing over: a dry run is no drain that was stopped.
async fn count_for_drain(store: &impl Store) -> anyhow::Result<Remaining> {
    let last = store.last_image().await?;
    say(&format!("drain (dry run): {}", words(store.remaining(last).await?)));
    Ok(Remaining::default())
}

async fn drain_with(
    workplace: &Workplace,
    concurrency: NonZeroU32,
    stopping: &CancellationToken,
) -> anyhow::Result<Remaining> {
    let Workplace { store, recognizer, breaker, worker, .. } = workplace;
    let summary = tokio::select! {
        summary = drain::run(store, worker, breaker, concurrency, stopping) => summary?,
        error = recognizer.attend() => return Err(error),
        () = workplace.attend() => unreachable!("attending has no end"),
    };
    say(&format!("drain: worked on {} images; left: {}", summary.worked_on, words(summary.remaining)));
    Ok(summary.remaining)
}

fn words(remaining: Remaining) -> String {
    let Remaining { due, delayed, processing } = remaining;
    format!("{due} due, {delayed} delayed, {processing} in work")
}

#[expect(clippy::print_stdout, reason = "the one line is what the command is asked for")]
fn say(line: &str) {
    println!("{line}");
}
