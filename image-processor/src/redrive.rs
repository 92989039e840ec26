//! `image-processor redrive`: images that failed, and that nobody would try again, are put back.
//!
//! Each is met once, in the order of the ids, whatever becomes of it meanwhile: one that fails for good again at once is
//! not put back again and again.

use std::time::Duration;

use clap::Args;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    drain::patiently,
    store::{DeadPage, MySqlStore, PutBack, REDRIVEN_AT_ONCE, StoreError},
};

const PROGRESS_EVERY: Duration = Duration::from_secs(5);
/// Ids that are named in the line that is told; of more only the number is.
const NAMED_AT_MOST: usize = 20;

/// The arguments of the command: exactly one of the first three.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Redrive {
    #[command(flatten)]
    chosen: Chosen,
    /// Say what there is to do, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Which dead letters.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[group(required = true, multiple = false)]
struct Chosen {
    /// The image with this id; may be given several times.
    #[arg(long, value_name = "ID")]
    id: Vec<u64>,
    /// Every image that failed with this error code.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Every image.
    #[arg(long)]
    all: bool,
}

/// What was done, or would be.
#[derive(Debug, Default, PartialEq, Eq)]
struct Summary {
    put_back: u64,
    unknown: Vec<u64>,
    not_dead: Vec<u64>,
}

impl Redrive {
    /// Puts back what was chosen, or counts it; answers the line to print. An error when it was stopped before the end.
    pub(crate) async fn run(
        &self,
        store: &MySqlStore,
        stopping: &CancellationToken,
    ) -> anyhow::Result<String> {
        let summary = match (&self.chosen, self.dry_run) {
            (Chosen { id, .. }, _) if !id.is_empty() => self.named(store, id, stopping).await?,
            (Chosen { code, .. }, true) => {
                Summary { put_back: store.count_dead_letters(code.as_deref()).await?, ..Summary::default() }
            }
            (Chosen { code, .. }, false) => put_back_all(store, code.as_deref(), stopping).await?,
        };
        let line = summary.line(self.dry_run);
        anyhow::ensure!(
            !stopping.is_cancelled(),
            "told to stop before the end, run it again for the rest; {line}"
        );
        Ok(line)
    }

    async fn named(
        &self,
        store: &MySqlStore,
        ids: &[u64],
        stopping: &CancellationToken,
    ) -> Result<Summary, StoreError> {
        let mut summary = Summary::default();
        for ids in ids.chunks(REDRIVEN_AT_ONCE).take_while(|_| !stopping.is_cancelled()) {
            summary.add(if self.dry_run {
                store.sort_dead_letters(ids).await?
            } else {
                patiently(|| store.put_back(ids)).await?
            });
        }
        Ok(summary)
    }
}

/// Page by page. What somebody else put back between the look and the lock is his.
async fn put_back_all(
    store: &MySqlStore,
    code: Option<&str>,
    stopping: &CancellationToken,
) -> Result<Summary, StoreError> {
    let mut summary = Summary::default();
    let mut next_progress = Instant::now() + PROGRESS_EVERY;
    let mut after = Some(0);
    while let Some(place) = after.filter(|_| !stopping.is_cancelled()) {
        let DeadPage { ids, next } = patiently(|| store.dead_letters(place, code)).await?;
        let PutBack { ids, .. } = patiently(|| store.put_back(&ids)).await?;
        summary.put_back += ids.len() as u64;
        after = next;
        if Instant::now() >= next_progress {
            next_progress = Instant::now() + PROGRESS_EVERY;
            tracing::info!(put_back = summary.put_back, up_to_image = after, "dead letters are put back");
        }
    }
    Ok(summary)
}

impl Summary {
    fn add(&mut self, PutBack { ids, unknown, not_dead }: PutBack) {
        self.put_back += ids.len() as u64;
        self.unknown.extend(unknown);
        self.not_dead.extend(not_dead);
    }

    fn line(&self, dry_run: bool) -> String {
        let head = if dry_run { "redrive (dry run):" } else { "redrive:" };
        let verb = if dry_run { "to be put back" } else { "put back" };
        let mut parts = vec![format!("{head} {} failed images {verb}", self.put_back)];
        for (ids, what) in
            [(&self.unknown, "do not exist"), (&self.not_dead, "have not failed, or are tried again anyway")]
        {
            if !ids.is_empty() {
                parts.push(format!("{} {what} ({})", ids.len(), listed(ids)));
            }
        }
        parts.join(", ")
    }
}

fn listed(ids: &[u64]) -> String {
    let named: Vec<String> = ids.iter().take(NAMED_AT_MOST).map(ToString::to_string).collect();
    let rest = if ids.len() > NAMED_AT_MOST { ", ..." } else { "" };
    named.join(", ") + rest
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        redrive: Redrive,
    }

    fn parse(arguments: &[&str]) -> Option<Redrive> {
        let line = ["redrive"].iter().chain(arguments);
        Line::try_parse_from(line).ok().map(|line| line.redrive)
    }

    #[test]
    fn exactly_one_way_to_choose_is_said() {
        for chosen in [&["--id", "1", "--id", "2"][..], &["--code", "engine_failed"], &["--all", "--dry-run"]]
        {
            assert!(parse(chosen).is_some(), "{chosen:?}");
        }
        for wrong in [
            &[][..],
            &["--dry-run"],
            &["--all", "--id", "1"],
            &["--all", "--code", "x"],
            &["--id", "1", "--code", "x"],
            &["--id", "x"],
        ] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_line_names_what_could_not_be_put_back() {
        let one_each = Summary { put_back: 3, unknown: vec![7, 9], not_dead: vec![4] };
        let many = Summary { unknown: (0..30).collect(), ..Summary::default() };

        assert_eq!(
            one_each.line(false),
            "redrive: 3 failed images put back, 2 do not exist (7, 9), 1 have not failed, or are tried again anyway (4)"
        );
        assert_eq!(Summary::default().line(true), "redrive (dry run): 0 failed images to be put back");
        assert!(many.line(false).ends_with("18, 19, ...)"), "{}", many.line(false));
    }
}
