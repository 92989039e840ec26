//! Everything outside of the processes: the database, the queue and the recogniser as models, the time that passes, and
//! what watches them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::task::TaskTracker;

use crate::{
    broker::Broker,
    checker::Checker,
    flaw::Flaw,
    plan::{Plan, Trouble},
    tables::{Tables, Time},
    trace::{Event, Trace},
};

/// One world.
#[derive(Debug)]
pub struct World {
    /// What happens in it.
    pub plan: Plan,
    pub(crate) flaw: Option<Flaw>,
    began: Instant,
    state: Mutex<State>,
    /// Messages may be ready that were not before.
    pub(crate) arrivals: Notify,
    /// Statements that are done after their callers have given them up.
    pub(crate) late: TaskTracker,
}

/// What changes in a world.
#[derive(Debug)]
pub struct State {
    /// The database.
    pub tables: Tables,
    /// The queue.
    pub broker: Broker,
    /// Until when the recogniser starts again, because a picture has ended it.
    pub down_until: Time,
    /// What watches.
    pub checker: Checker,
    /// What happened.
    pub trace: Trace,
}

impl World {
    /// A world in which nothing has happened yet.
    #[must_use]
    pub fn new(plan: Plan, flaw: Option<Flaw>) -> Arc<Self> {
        let state = State {
            tables: Tables::with_flaw(flaw),
            broker: Broker::default(),
            down_until: Duration::ZERO,
            checker: Checker::default(),
            trace: Trace::default(),
        };
        Arc::new(Self {
            plan,
            flaw,
            began: Instant::now(),
            state: Mutex::new(state),
            arrivals: Notify::new(),
            late: TaskTracker::new(),
        })
    }

    /// The time of the database and of the queue.
    #[must_use]
    pub fn now(&self) -> Time {
        self.began.elapsed()
    }

    /// The same as an instant.
    #[must_use]
    pub fn instant(&self, time: Time) -> Instant {
        self.began + time
    }

    /// What it is like now.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this goes wrong now, of `trouble`'s choice.
    pub(crate) fn suffers<T>(&self, trouble: impl FnMut(Trouble) -> Option<T>) -> Option<T> {
        self.plan.troubles(self.now()).find_map(trouble)
    }

    /// Whether this is wrong now.
    pub(crate) fn suffers_from(&self, trouble: Trouble) -> bool {
        self.suffers(|one| (one == trouble).then_some(())).is_some()
    }

    pub(crate) fn note(&self, event: Event) {
        let now = self.now();
        self.state().trace.note(now, event);
    }

    pub(crate) fn accuse(&self, violation: String) {
        self.state().checker.accuse(violation);
    }
}
