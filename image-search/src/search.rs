//! How the images of a filter are found: one index leads, what it does not decide is checked. Pure; the SQL is in `store`.

use migrations::{ImageStatus, UnresolvedReason};
use time::{Duration, OffsetDateTime};

use crate::filter::{Filter, Standing};

/// Ids are given out when a post begins to be stored, its time a moment before or after: by so much an image with a higher
/// id may have an earlier time.
const DISORDER: Duration = Duration::minutes(1);

/// What leads through the images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Driver {
    /// The primary key.
    Newest,
    /// The images of one status.
    Status { status: ImageStatus, has_lease: bool },
    /// Those that are unresolved for one reason.
    Reason(UnresolvedReason),
    /// Those with an identified face of this person.
    Person(u64),
}

/// A way through the ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From just below an id down; from the highest when none is said.
    Older {
        /// The id.
        below: Option<u64>,
    },
    /// From just above an id up.
    Newer {
        /// The id.
        above: u64,
    },
}

/// A filter, ready to be asked of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub(crate) driver: Driver,
    pub(crate) status: Option<ImageStatus>,
    pub(crate) reason: Option<UnresolvedReason>,
    pub(crate) text: Option<String>,
    pub(crate) from: Option<OffsetDateTime>,
    pub(crate) until: Option<OffsetDateTime>,
    /// The ids between which all images of the time are.
    lowest: Option<u64>,
    highest: Option<u64>,
}

impl Search {
    /// `person` is the id of the person whom the filter names.
    pub(crate) fn new(filter: &Filter, person: Option<u64>) -> Self {
        let (driver, status, reason) = match (person, filter.standing) {
            (Some(person), Standing::All) => (Driver::Person(person), None, None),
            (Some(person), Standing::Status(status)) => (Driver::Person(person), Some(status), None),
            (Some(person), Standing::Reason(reason)) => (Driver::Person(person), None, Some(reason)),
            (None, Standing::All) => (Driver::Newest, None, None),
            (None, Standing::Status(status)) => {
                let has_lease = status == ImageStatus::Processing;
                (Driver::Status { status, has_lease }, None, None)
            }
            (None, Standing::Reason(reason)) => (Driver::Reason(reason), None, None),
        };
        let (text, from, until) = (filter.text.clone(), filter.from, filter.until);
        Self { driver, status, reason, text, from, until, lowest: None, highest: None }
    }

    /// Whether rows are checked beside what the index decides.
    pub(crate) fn has_checks(&self) -> bool {
        let Self { status, reason, text, from, until, .. } = self;
        status.is_some() || reason.is_some() || text.is_some() || from.is_some() || until.is_some()
    }

    /// The time from which on the first image may be one of these.
    pub(crate) fn earliest(&self) -> Option<OffsetDateTime> {
        self.from?.checked_sub(DISORDER)
    }

    /// The time until which the last one may.
    pub(crate) fn latest(&self) -> Option<OffsetDateTime> {
        self.until?.checked_add(DISORDER)
    }

    /// Leaves out what is older than this image; without one, everything.
    pub(crate) fn begins_at(&mut self, first: Option<u64>) {
        self.lowest = Some(first.unwrap_or(u64::MAX));
    }

    /// Leaves out what is newer than this image; without one, everything.
    pub(crate) fn ends_at(&mut self, last: Option<u64>) {
        self.highest = Some(last.unwrap_or(0));
    }

    /// The lowest and the highest id to look at on this way, up to and with `last`.
    pub(crate) fn between(&self, way: Way, last: Option<u64>) -> (Option<u64>, Option<u64>) {
        let (above, below) = match way {
            Way::Older { below } => (last, below.map(|id| id.saturating_sub(1))),
            Way::Newer { above } => (Some(above.saturating_add(1)), last),
        };
        let below = below.into_iter().chain(self.highest).min();
        (above.into_iter().chain(self.lowest).max(), below)
    }
}

impl Driver {
    /// The column of the ids.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Person(_) => "faces.image_id",
            _ => "images.id",
        }
    }

    /// Left alone, the optimiser reads the whole table for a status or a reason that few old images have.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Newest => "images FORCE INDEX (PRIMARY)",
            Self::Status { .. } => "images FORCE INDEX (images_lease)",
            Self::Reason(_) => "images FORCE INDEX (images_reason)",
            Self::Person(_) => "faces",
        }
    }

    /// Brings the columns that are checked, where the table has not got them.
    pub(crate) const fn join(self) -> &'static str {
        match self {
            Self::Person(_) => " STRAIGHT_JOIN images ON images.id = faces.image_id",
            _ => "",
        }
    }
}

impl Way {
    /// The other way from an image.
    #[must_use]
    pub const fn turned_at(self, id: u64) -> Self {
        match self {
            Self::Older { .. } => Self::Newer { above: id },
            Self::Newer { .. } => Self::Older { below: Some(id) },
        }
    }

    /// The rest of the way behind an image.
    pub(crate) const fn beginning_at(self, id: u64) -> Self {
        match self {
            Self::Older { .. } => Self::Older { below: Some(id) },
            Self::Newer { .. } => Self::Newer { above: id },
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn one_index_leads_and_the_rest_is_checked() {
        let filter = |standing| Filter { standing, ..Filter::default() };
        let failed = ImageStatus::Failed;
        let table = [
            (Standing::All, None, Driver::Newest, false),
            (Standing::Status(failed), None, Driver::Status { status: failed, has_lease: false }, false),
            (
                Standing::Status(ImageStatus::Processing),
                None,
                Driver::Status { status: ImageStatus::Processing, has_lease: true },
                false,
            ),
            (Standing::All, Some(7), Driver::Person(7), false),
            (Standing::Status(failed), Some(7), Driver::Person(7), true),
            (Standing::Reason(UnresolvedReason::NoFace), Some(7), Driver::Person(7), true),
        ];
        for (standing, person, driver, has_checks) in table {
            let search = Search::new(&filter(standing), person);
            assert_eq!((search.driver, search.has_checks()), (driver, has_checks), "{standing:?}");
        }
        let text = Filter { text: Some("a".to_owned()), ..Filter::default() };
        assert!(Search::new(&text, None).has_checks());
    }

    #[test]
    fn a_time_leaves_out_the_ids_of_other_times_on_either_way() {
        let noon = datetime!(2024-02-29 12:00 UTC);
        let filter = Filter { from: Some(noon), until: Some(noon), ..Filter::default() };
        let mut search = Search::new(&filter, None);
        assert_eq!(search.earliest(), Some(datetime!(2024-02-29 11:59 UTC)));
        assert_eq!(search.latest(), Some(datetime!(2024-02-29 12:01 UTC)));
        search.begins_at(Some(100));
        search.ends_at(Some(200));

        let older = |below| Way::Older { below };
        let table = [
            (older(None), None, (Some(100), Some(200))),
            (older(Some(150)), None, (Some(100), Some(149))),
            (older(Some(150)), Some(120), (Some(120), Some(149))),
            (Way::Newer { above: 50 }, None, (Some(100), Some(200))),
            (Way::Newer { above: 150 }, Some(180), (Some(151), Some(180))),
        ];
        for (way, last, between) in table {
            assert_eq!(search.between(way, last), between, "{way:?} {last:?}");
        }
        search.begins_at(None);
        assert_eq!(search.between(older(None), None), (Some(u64::MAX), Some(200)), "nothing");
    }
}
