//! What the breaker tells the people who run it: its log lines and its metrics.

use std::time::Duration;

use super::state::{BreakerState, Snapshot};

/// The breaker was made.
pub(super) fn started(state: BreakerState) {
    gauge(state);
}

/// A new period has begun.
pub(super) fn moved(from: BreakerState, to: BreakerState, now: &Snapshot) {
    let Snapshot { generation, opened, retry_after_ms, .. } = now;
    match (from, to) {
        (BreakerState::Open, BreakerState::Open) => {
            tracing::info!(
                generation,
                retry_after_ms,
                "the recogniser is still not healthy: the breaker stays open"
            );
            return;
        }
        (BreakerState::HalfOpen, BreakerState::Open) => {
            tracing::warn!(
                generation,
                opened,
                retry_after_ms,
                "the trial call failed: the breaker is open again"
            );
        }
        (_, BreakerState::Open) => {
            tracing::warn!(
                generation,
                opened,
                retry_after_ms,
                "too many calls in a row failed: the breaker is open"
            );
        }
        (_, BreakerState::HalfOpen) => {
            tracing::info!(
                generation,
                "the recogniser is healthy: the breaker is half-open for one trial call"
            );
        }
        (_, BreakerState::Closed) => {
            tracing::info!(generation, "the recogniser answers: the breaker is closed");
        }
    }
    metrics::counter!("rollcall_breaker_transitions_total", "to" => to.name()).increment(1);
    gauge(to);
}

/// A call was not let through.
pub(super) fn refused(retry_after: Duration) {
    tracing::debug!(?retry_after, "the breaker refused a call");
    metrics::counter!("rollcall_breaker_refused_total").increment(1);
}

/// A health ping has ended.
pub(super) fn pinged(healthy: bool) {
    metrics::counter!("rollcall_breaker_pings_total", "healthy" => if healthy { "yes" } else { "no" })
        .increment(1);
}

fn gauge(state: BreakerState) {
    metrics::gauge!("rollcall_breaker_state").set(state.level());
}
