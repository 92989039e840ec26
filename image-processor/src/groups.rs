//! Unknown faces that look alike are put into groups, so that somebody who is not known yet can be named in all of their
//! pictures at once. One process at a time does it for all (`duties`): which face leads a group depends on the order.

mod leaders;

use std::{collections::BTreeMap, time::Duration};

use tokio::{task::spawn_blocking, time::sleep};
use tokio_util::sync::CancellationToken;

use self::leaders::Leaders;
use crate::{
    drain::patiently,
    store::{MySqlStore, StoreError, Ungrouped},
};

/// Between two looks when no face waits.
const PERIOD: Duration = Duration::from_secs(2);
/// Between two tries to take the duty from somebody else.
const BETWEEN_TRIES: Duration = Duration::from_secs(5);
/// Of the duty; renewed with each page.
const LEASE: Duration = Duration::from_secs(30);
const DUTY: &str = "groups";
/// Groups that a face may join: the newest. With 128 numbers each that is 10 MB.
const MOST_LEADERS: usize = 20_000;

/// Gives unknown faces their groups.
pub(crate) struct Grouping {
    store: MySqlStore,
    /// None until a face waits while the duty is ours.
    leaders: Option<Leaders>,
}

impl Grouping {
    pub(crate) fn new(store: MySqlStore) -> Self {
        Self { store, leaders: None }
    }

    /// Groups, as long as the duty can be had, until told to stop.
    pub(crate) async fn run(mut self, stopping: &CancellationToken) {
        let mut pause = PERIOD;
        while stopping.run_until_cancelled(sleep(pause)).await.is_some() {
            match stopping.run_until_cancelled(self.group_all()).await {
                Some(Ok(ours)) => pause = if ours { PERIOD } else { BETWEEN_TRIES },
                Some(Err(error)) => {
                    tracing::warn!(%error, "unknown faces are not grouped yet");
                    pause = PERIOD;
                }
                None => {}
            }
        }
        if let Err(error) = self.store.leave_duty(DUTY).await {
            tracing::debug!(%error, "unknown faces are not grouped until the lease ends");
        }
    }

    /// Groups until no face waits, and says whether the duty is ours.
    async fn group_all(&mut self) -> Result<bool, StoreError> {
        while self.store.hold_duty(DUTY, LEASE).await? {
            let faces = self.store.ungrouped().await?;
            if faces.is_empty() {
                return Ok(true);
            }
            // Taken out until all is written: after an error they may say what is not stored.
            let leaders = match self.leaders.take() {
                Some(leaders) => leaders,
                None => self.load().await?,
            };
            self.leaders = Some(self.group(leaders, faces).await?);
        }
        self.leaders = None;
        Ok(false)
    }

    async fn load(&self) -> Result<Leaders, StoreError> {
        let mut leaders = Leaders::new(MOST_LEADERS);
        let mut below = u64::MAX;
        loop {
            let page = patiently(|| self.store.groups_below(below)).await?;
            let Some((last, _)) = page.last() else { break };
            below = *last;
            if !page.into_iter().all(|(group, face)| leaders.add_older(group, face)) {
                break;
            }
        }
        Ok(leaders)
    }

    async fn group(&self, mut leaders: Leaders, faces: Vec<Ungrouped>) -> Result<Leaders, StoreError> {
        let waiting = faces.len();
        // Comparing takes up to a second.
        let compared = spawn_blocking(move || {
            let groups: Vec<(u64, u64)> =
                faces.into_iter().map(|face| (face.face.id, leaders.group_of(face))).collect();
            (leaders, groups)
        });
        let (leaders, groups) = compared.await.expect("comparing numbers does not panic");
        let founders: Vec<u64> =
            groups.iter().filter(|(face, group)| face == group).map(|(face, _)| *face).collect();
        let mut joined: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (face, group) in groups.into_iter().filter(|(face, group)| face != group) {
            joined.entry(group).or_default().push(face);
        }
        // First, so that a group never has members without its first face.
        patiently(|| self.store.found_groups(&founders)).await?;
        for (group, faces) in &joined {
            patiently(|| self.store.join_group(*group, faces)).await?;
        }
        metrics::counter!("rollcall_faces_grouped_total").increment(waiting as u64);
        tracing::debug!(faces = waiting, groups = founders.len(), "unknown faces were grouped");
        Ok(leaders)
    }
}

#[cfg(test)]
mod tests;
