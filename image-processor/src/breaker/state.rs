//! What can be seen of the breaker from outside.

use serde::Serialize;

/// The textbook states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// One call at a time goes through; its end decides.
    HalfOpen,
    /// No call goes through.
    Open,
}

impl BreakerState {
    /// One word for programs: in metrics and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }

    /// The value of the gauge: the higher, the less goes through.
    pub(super) fn level(self) -> f64 {
        match self {
            Self::Closed => 0.0,
            Self::HalfOpen => 1.0,
            Self::Open => 2.0,
        }
    }
}

/// The breaker at one moment, for people and programs that ask how it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// `closed`, `half_open` or `open`.
    pub state: &'static str,
    /// Counted failures since the last answer; counted only while closed.
    pub consecutive_failures: Option<u32>,
    /// The number of the present period.
    pub generation: u64,
    /// What a call refused now is told, in milliseconds; only while open.
    pub retry_after_ms: Option<u64>,
    /// How often calls opened the breaker since the process began. A wait that an unhealthy ping prolongs is the
    /// same opening.
    pub opened: u64,
}
