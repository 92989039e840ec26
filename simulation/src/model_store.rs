//! [`ModelStore`]: the database as one process sees it, over the tables of the world. It is what the worker, the sweeper,
//! the relay, the publisher and the posts are driven over; on the way statements and answers are lost.
//!
//! | file | what |
//! |---|---|
//! | `worker` | what the worker and the sweeper ask |
//! | `receiver` | what posts, the publisher and the relay ask |

mod receiver;
mod worker;

use std::time::Duration;

use ::receiver::store::StoreError as ReceiverError;
use image_processor::store::StoreError;
use tokio::time::sleep;

use crate::{
    checker::Deed,
    line::Line,
    plan::Trouble,
    tables::{Tables, Time},
    trace::{Counts, Event},
    world::World,
};

/// How long the stores of the services wait for a statement.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// What is done after its caller gave it up is done within this time.
const LATEST: Duration = Duration::from_secs(90);

/// The database at the end of a line.
#[derive(Debug, Clone)]
pub struct ModelStore {
    line: Line,
    lease: Duration,
}

/// What becomes of a statement.
enum Fortune {
    Done,
    Lost,
    Unanswered,
    Late(Duration),
}

/// Nobody hears what became of a statement.
struct Unheard;

impl From<Unheard> for StoreError {
    fn from(Unheard: Unheard) -> Self {
        Self::TimedOut
    }
}

impl From<Unheard> for ReceiverError {
    fn from(Unheard: Unheard) -> Self {
        Self::TimedOut
    }
}

impl ModelStore {
    /// `lease` is how long the leases last that it takes.
    #[must_use]
    pub fn new(line: Line, lease: Duration) -> Self {
        Self { line, lease }
    }

    /// Has the database do something.
    async fn run<T: Send + 'static>(
        &self,
        deed: Deed,
        statement: impl FnOnce(&mut Tables, Time) -> T + Send + 'static,
    ) -> Result<T, Unheard> {
        let line = &self.line;
        line.travel().await;
        let name = deed.name();
        let heard = match self.fortune() {
            (wait, Fortune::Done) => {
                sleep_some(wait).await;
                Some(execute(line, &deed, statement))
            }
            (wait, Fortune::Lost) => {
                sleep_some(wait).await;
                None
            }
            (wait, Fortune::Unanswered) => {
                execute(line, &deed, statement);
                sleep_some(wait).await;
                None
            }
            (wait, Fortune::Late(after)) => {
                let done = line.clone();
                line.world.late.spawn(async move {
                    sleep(after).await;
                    execute(&done, &deed, statement);
                });
                sleep_some(wait).await;
                None
            }
        };
        line.travel().await;
        heard.ok_or_else(|| {
            line.note(Event::Unheard { actor: line.actor, deed: name });
            Unheard
        })
    }

    /// What becomes of a statement that is sent now, and how long its sender waits for that.
    fn fortune(&self) -> (Duration, Fortune) {
        let Line { world, chance, .. } = &self.line;
        let slow = self.slowness(world);
        if slow >= STATEMENT_TIMEOUT {
            return (STATEMENT_TIMEOUT, Fortune::Late(slow));
        }
        let fortune = world.suffers(|trouble| match trouble {
            Trouble::StoreAway => Some(Fortune::Lost),
            Trouble::StatementsLost(often) => chance.percent(often).then_some(Fortune::Lost),
            Trouble::AnswersLost(often) => chance.percent(often).then_some(Fortune::Unanswered),
            Trouble::StatementsLate(often) => {
                chance.percent(often).then(|| Fortune::Late(chance.time(Duration::ZERO..LATEST)))
            }
            _ => None,
        });
        match fortune {
            None => (slow, Fortune::Done),
            // The connection breaks at once, or nobody answers until the deadline.
            Some(fortune) => (chance.pick(&[Duration::ZERO, STATEMENT_TIMEOUT]), fortune),
        }
    }

    fn slowness(&self, world: &World) -> Duration {
        let slow = world.suffers(|trouble| match trouble {
            Trouble::StoreSlow(longest) => Some(self.line.chance.time(Duration::ZERO..longest)),
            _ => None,
        });
        slow.unwrap_or_default()
    }
}

/// Waiting for no time would still be a millisecond.
async fn sleep_some(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

fn execute<T>(line: &Line, deed: &Deed, statement: impl FnOnce(&mut Tables, Time) -> T) -> T {
    line.touch(|state, now| {
        let outcome = statement(&mut state.tables, now);
        for image in state.checker.wrote(deed, &mut state.tables, now) {
            let row = &state.tables.images()[&image];
            let counts = Counts { attempts: row.attempts, losses: row.losses, rounds: row.rounds };
            let (status, token) = (row.status, row.lease_token);
            let event = Event::Wrote { actor: line.actor, deed: deed.name(), image, status, token, counts };
            state.trace.note(now, event);
        }
        outcome
    })
}
