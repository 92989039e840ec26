//! What follows from a failed call: whether the image is charged, when it is tried again, when it is given up. Pure.

use std::time::Duration;

use crate::backoff::backoff;

/// Charged attempts of one round.
pub const MAX_ATTEMPTS: u32 = 5;
/// Leases that ran out and connections that were lost, before the image is taken for one that kills recognisers.
pub const MAX_LOSSES: u32 = 10;
/// Times that an image which used up its attempts is put back.
pub const MAX_ROUNDS: u32 = 3;
/// `images.error_code` of an image with [`MAX_LOSSES`].
pub const LOST_TOO_OFTEN: &str = "lost_too_often";

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_mins(1);
/// Longer makes no sense where others pace the calls: the breaker in an outage, the number in flight under load.
const LONGEST_SHORT_DELAY: Duration = Duration::from_secs(5);
/// Before the first of the later rounds; each further one waits five times as long.
const FIRST_ROUND_DELAY: Duration = Duration::from_mins(1);

/// Whose fault a failed call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The image's: no call will ever succeed.
    Image,
    /// Of whoever has the picture, and does not give it to us now; no recogniser was asked.
    Source {
        /// For so long at least, by their own word.
        retry_after: Duration,
    },
    /// Perhaps the image's.
    Attempt,
    /// Perhaps the image's: the connection was lost after sending, and the recogniser may have died of it.
    Loss,
    /// Nobody listens, or somebody says that nobody is available.
    Outage,
    /// The recogniser cannot answer as it is set up.
    Unready,
    /// The recogniser has too much to do.
    Busy,
}

impl Blame {
    /// Whether the recogniser did not begin with the picture, so that another one may.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Outage | Self::Unready | Self::Busy)
    }
}

/// What an image has behind it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// Charged attempts of this round.
    pub attempts: u32,
    /// Since the last result.
    pub losses: u32,
    /// Rounds that began after the attempts of one were used up.
    pub rounds: u32,
}

/// What a failed call costs the image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Charge {
    /// One of those that a round has.
    pub attempt: bool,
    /// One of those that an image has.
    pub loss: bool,
}

/// How a failed image goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It does not; nobody needs to hear of it.
    Final,
    /// Another round after this time.
    Retryable(Duration),
    /// Its last round is over: final, and told to the dead letters.
    GivenUp,
    /// It was lost too often: final, and told to the dead letters.
    Lost,
}

/// What to do with the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Failed.
    Fail(Fate),
    /// Pending again, after this delay.
    TryAgain(Duration),
}

/// What follows when a call failed, and what it costs. `healthy` is what the recogniser's health said right after the
/// call, `deliveries` how often the queue brought the message, `jitter` is in 0..1.
#[must_use]
pub fn after_failure(
    blame: Blame,
    history: History,
    healthy: bool,
    deliveries: u16,
    jitter: f64,
) -> (Next, Charge) {
    let deliveries = u32::from(deliveries.saturating_sub(1));
    let charge = Charge {
        attempt: match blame {
            // What the recogniser's health is has no part in it.
            Blame::Image | Blame::Source { .. } => true,
            // Without health it was an outage, not this image.
            Blame::Attempt | Blame::Loss => healthy,
            Blame::Outage | Blame::Unready | Blame::Busy => false,
        },
        loss: blame == Blame::Loss,
    };
    let attempts = history.attempts + u32::from(charge.attempt);
    let next = match blame {
        Blame::Image => Next::Fail(Fate::Final),
        Blame::Loss if history.losses + 1 >= MAX_LOSSES => Next::Fail(Fate::Lost),
        Blame::Attempt | Blame::Loss | Blame::Source { .. } if attempts >= MAX_ATTEMPTS => {
            Next::Fail(after_round(history.rounds))
        }
        Blame::Source { retry_after } => {
            Next::TryAgain(delay(history.attempts, LONGEST_DELAY, jitter).max(retry_after))
        }
        Blame::Attempt | Blame::Loss => Next::TryAgain(delay(history.attempts, LONGEST_DELAY, jitter)),
        Blame::Unready => Next::TryAgain(delay(deliveries, LONGEST_DELAY, jitter)),
        Blame::Outage | Blame::Busy => Next::TryAgain(delay(deliveries, LONGEST_SHORT_DELAY, jitter)),
    };
    (next, charge)
}

/// What follows when the attempts of a round are used up.
fn after_round(rounds: u32) -> Fate {
    if rounds < MAX_ROUNDS { Fate::Retryable(FIRST_ROUND_DELAY * 5_u32.pow(rounds)) } else { Fate::GivenUp }
}

/// Doubles with each step.
fn delay(step: u32, longest: Duration, jitter: f64) -> Duration {
    backoff(FIRST_DELAY, longest, step, jitter)
}

#[cfg(test)]
mod tests;
