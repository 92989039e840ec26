//! What a scripted recogniser was asked, and by how many at one time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The calls of a scripted recogniser, in their order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The paths of `Recognize`; of a picture that came as bytes, how many these are.
    pub recognize: Vec<String>,
    /// The paths of `Identify`.
    pub identify: Vec<String>,
    /// The calls of `List`.
    pub list: usize,
    /// How many embeddings each call of `Match` had that had any.
    pub matches: Vec<usize>,
}

impl Asked {
    /// How often `Recognize` was asked about this path.
    #[must_use]
    pub fn times(&self, path: &str) -> usize {
        self.recognize.iter().filter(|asked| *asked == path).count()
    }
}

#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) asked: Asked,
    pub(super) pings: usize,
    pub(super) deaths: usize,
    pub(super) in_flight: usize,
    pub(super) most_in_flight: usize,
}

/// No holder of the lock leaves half a change behind, so one that panicked harms nobody.
pub(super) fn lock(calls: &Mutex<Calls>) -> MutexGuard<'_, Calls> {
    calls.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One call of `Recognize`. It ends when this is dropped: when it was answered, or when the caller gave up.
pub(super) struct InFlight {
    calls: Arc<Mutex<Calls>>,
}

impl InFlight {
    pub(super) fn begin(calls: &Arc<Mutex<Calls>>, path: String) -> Self {
        let mut counted = lock(calls);
        counted.asked.recognize.push(path);
        counted.in_flight += 1;
        counted.most_in_flight = counted.most_in_flight.max(counted.in_flight);
        drop(counted);
        Self { calls: Arc::clone(calls) }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        lock(&self.calls).in_flight -= 1;
    }
}
