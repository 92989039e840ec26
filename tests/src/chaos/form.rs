//! How hard and how long: everything for `make chaos`, a selection with shorter outages for `make test`.

use std::time::Duration;

/// The form of a run.
#[derive(Debug, Clone)]
pub struct Form {
    /// New pictures a second.
    pub rate: u32,
    /// Which length of each fault in the table is taken.
    pub length: Length,
    /// Only the faults with these names; all when there are none.
    pub only: Vec<String>,
    /// Holds every fault for so long instead of the time in the table.
    pub hold: Option<Duration>,
    pub(super) lease: Duration,
    pub(super) recognition_timeout: Duration,
    pub(super) concurrency: u32,
}

/// Which of the two times in the table of faults counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Every fault, and all is caught up before the next one begins.
    Whole,
    /// A selection, and the next one begins as soon as new pictures have results again.
    Short,
}

impl Form {
    /// Every fault under so many new pictures a second.
    #[must_use]
    pub fn whole(rate: u32) -> Self {
        Self {
            rate,
            length: Length::Whole,
            only: Vec::new(),
            hold: None,
            lease: Duration::from_secs(20),
            recognition_timeout: Duration::from_secs(10),
            concurrency: 8,
        }
    }

    /// A selection in about three minutes, beside other work.
    #[must_use]
    pub fn short() -> Self {
        Self {
            length: Length::Short,
            lease: Duration::from_secs(5),
            recognition_timeout: Duration::from_secs(3),
            ..Self::whole(20)
        }
    }
}
