//! A long test tells what it has seen, part by part.

use std::future::Future;

use anyhow::Context;
use tokio::time::Instant;

/// One part of a test. What it returns is said behind its name.
#[expect(clippy::print_stdout, reason = "the summary is for the person who waits for the test")]
pub(crate) async fn part(
    name: &str,
    part: impl Future<Output = anyhow::Result<String>>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let seen = part.await.with_context(|| name.to_owned())?;
    println!("{:>4} s  {name}: {seen}", began.elapsed().as_secs());
    Ok(())
}
