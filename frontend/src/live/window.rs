//! Which changes are new. A change is stored with the time at which its statement began, and seen when its transaction
//! ends: one with an earlier time may be seen after one with a later time. So each look begins a little before the last
//! one ended, and what was seen already is left out. Pure.

use std::collections::{BTreeSet, HashMap};

use time::{Duration, OffsetDateTime};

use crate::store::Change;

/// Longer than a transaction takes.
const OVERLAP: Duration = Duration::seconds(10);

/// What was seen of the last moments.
#[derive(Debug)]
pub(super) struct Window {
    /// The latest change that was seen.
    latest: OffsetDateTime,
    seen: HashMap<u64, OffsetDateTime>,
    /// Set when there were more changes than a look takes: the next one goes on where it ended.
    was_cut: bool,
}

impl Window {
    pub(super) fn beginning_at(now: OffsetDateTime) -> Self {
        Self { latest: now, seen: HashMap::new(), was_cut: false }
    }

    pub(super) const fn latest(&self) -> OffsetDateTime {
        self.latest
    }

    /// Where the next look begins.
    pub(super) fn begin(&self) -> OffsetDateTime {
        if self.was_cut { self.latest } else { self.latest - OVERLAP }
    }

    /// The images of which a look tells something new.
    pub(super) fn take(&mut self, changes: &[Change], was_cut: bool) -> BTreeSet<u64> {
        self.was_cut = was_cut;
        let mut new = BTreeSet::new();
        for Change { id, updated_at } in changes {
            if self.seen.insert(*id, *updated_at) != Some(*updated_at) {
                new.insert(*id);
            }
            self.latest = self.latest.max(*updated_at);
        }
        let begin = self.latest - OVERLAP;
        self.seen.retain(|_, updated_at| *updated_at >= begin);
        new
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2024-02-29 12:00 UTC);

    fn change(id: u64, second: i64) -> Change {
        Change { id, updated_at: NOON + Duration::seconds(second) }
    }

    #[test]
    fn a_change_is_new_once_also_when_it_is_seen_late() {
        let mut window = Window::beginning_at(NOON);
        assert_eq!(window.take(&[change(1, 1), change(2, 5)], false), [1, 2].into());
        assert_eq!(window.begin(), NOON - Duration::seconds(5));

        let late = [change(3, -2), change(1, 1), change(2, 5)];
        assert_eq!(window.take(&late, false), [3].into());
        assert_eq!(window.take(&[change(1, 6), change(2, 5)], false), [1].into());
        assert_eq!(window.latest(), NOON + Duration::seconds(6));
    }

    #[test]
    fn a_look_that_was_cut_goes_on_where_it_ended() {
        let mut window = Window::beginning_at(NOON);
        window.take(&[change(1, 1), change(2, 5)], true);
        assert_eq!(window.begin(), NOON + Duration::seconds(5));

        assert_eq!(window.take(&[change(2, 5), change(3, 5)], false), [3].into());
        assert_eq!(window.begin(), NOON - Duration::seconds(5));
    }

    #[test]
    fn what_is_long_past_is_forgotten() {
        let mut window = Window::beginning_at(NOON);
        window.take(&[change(1, 1)], false);
        window.take(&[change(2, 60)], false);
        assert_eq!(window.seen.len(), 1);
    }
}
