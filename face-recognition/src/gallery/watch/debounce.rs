//! Many changes in a row become one look. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// So long nothing may happen before the folder is looked at ...
const QUIET: Duration = Duration::from_millis(300);
/// ... but no change waits longer than this.
const LONGEST: Duration = Duration::from_secs(2);

/// Changes that nobody has looked at.
#[derive(Debug, Default)]
pub(super) struct Debounce {
    first_and_last: Option<(Instant, Instant)>,
}

impl Debounce {
    /// Something happened.
    pub(super) fn stirred(&mut self, now: Instant) {
        let first = self.first_and_last.map_or(now, |(first, _)| first);
        self.first_and_last = Some((first, now));
    }

    /// When to look.
    pub(super) fn due(&self) -> Option<Instant> {
        self.first_and_last.map(|(first, last)| (last + QUIET).min(first + LONGEST))
    }

    /// Somebody looks now.
    pub(super) fn settled(&mut self) {
        self.first_and_last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_looked_at_when_it_is_quiet_and_after_two_seconds_at_the_latest() {
        let every_100_ms: Vec<u64> = (0..50).map(|number| number * 100).collect();
        let table: [(&[u64], u64); 5] = [
            (&[0], 300),
            (&[0, 200], 500),
            (&[0, 200, 400], 700),
            (&[500, 2400], 2500),
            (&every_100_ms, 2000),
        ];
        for (changes, due) in table {
            let began = Instant::now();
            let mut debounce = Debounce::default();

            for change in changes {
                debounce.stirred(began + Duration::from_millis(*change));
            }

            assert_eq!(debounce.due(), Some(began + Duration::from_millis(due)), "{changes:?}");
        }
    }

    #[test]
    fn nothing_is_due_before_a_change_and_after_a_look() {
        let mut debounce = Debounce::default();
        assert_eq!(debounce.due(), None);

        debounce.stirred(Instant::now());
        debounce.settled();

        assert_eq!(debounce.due(), None);
    }
}
