//! The results of the last hour, minute by minute: how many, and how long they took. What is drawn is pure.

use std::time::Duration;

use service_kit::fresh::Fresh;

use crate::store::{Counts, Finished, Queue, Store, StoreError};

/// Minutes that are shown.
pub(crate) const MINUTES: usize = 60;
/// Results that are looked at: of a busier hour only the last part is shown.
const MOST: u32 = 20_000;
/// Counting stops here: to count a million rows takes long.
const COUNT_LIMIT: u64 = 10_000;
const KEEPS: Duration = Duration::from_secs(5);

/// How the last hour went.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) counts: Counts,
    pub(crate) queue: Queue,
    /// The oldest minute first.
    pub(crate) minutes: [Minute; MINUTES],
    /// Set where the hour had more results than were looked at: how many minutes the figures are of.
    pub(crate) only_minutes: Option<usize>,
}

/// One minute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Minute {
    pub(crate) results: u32,
    /// From the post to the result, in seconds: half of them took no longer.
    pub(crate) median_s: f64,
    /// And nineteen of twenty no longer than this.
    pub(crate) slow_s: f64,
}

/// Asks for figures, once for all who look at them.
#[derive(Debug)]
pub(crate) struct Statistics {
    store: Store,
    fresh: Fresh<Figures>,
}

impl Statistics {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, fresh: Fresh::new(KEEPS) }
    }

    pub(crate) async fn figures(&self) -> Result<Figures, StoreError> {
        let asked = self.fresh.get(async || {
            let counts = self.store.counts(COUNT_LIMIT).await?;
            let queue = self.store.queue(COUNT_LIMIT).await?;
            let finished = self.store.finished(MOST).await?;
            let oldest = finished.last().map_or(0, |last| last.minutes_ago);
            let is_cut = finished.len() >= MOST as usize;
            let only_minutes = is_cut.then(|| usize::try_from(oldest).unwrap_or(0));
            Ok(Figures { counts, queue, minutes: minutes(&finished), only_minutes })
        });
        asked.await
    }
}

fn minutes(finished: &[Finished]) -> [Minute; MINUTES] {
    let mut times: [Vec<i64>; MINUTES] = [const { Vec::new() }; MINUTES];
    for result in finished {
        let ago = usize::try_from(result.minutes_ago).unwrap_or(0);
        if let Some(place) = MINUTES.checked_sub(1 + ago) {
            times[place].push(result.took_us.max(0));
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        Minute {
            results: u32::try_from(times.len()).unwrap_or(u32::MAX),
            median_s: percentile(&times, 50),
            slow_s: percentile(&times, 95),
        }
    })
}

/// In seconds, of sorted microseconds; 0 of none.
fn percentile(sorted: &[i64], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).map_or(0.0, |took| Duration::from_micros(took.unsigned_abs()).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_gathered_by_minute_the_oldest_first() {
        let finished = |minutes_ago, took_us| Finished { minutes_ago, took_us };
        let hour: Vec<Finished> = (1..=100)
            .map(|took| finished(0, took * 1_000_000))
            .chain([finished(59, 500_000), finished(60, 1)])
            .collect();

        let minutes = minutes(&hour);

        assert_eq!(minutes[59], Minute { results: 100, median_s: 50.0, slow_s: 95.0 });
        assert_eq!(minutes[0], Minute { results: 1, median_s: 0.5, slow_s: 0.5 });
        assert_eq!(minutes[30], Minute::default());
    }
}
