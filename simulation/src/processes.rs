//! The lives of workers and receivers: what runs in each is the services' own code. A life ends when the plan says so, by a
//! crash at whatever it waits for, or orderly.

mod receivers;
mod workers;

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinHandle,
    time::{sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    line::Line,
    plan::{End, Manner},
    trace::Event,
    world::World,
};

pub use receivers::{Clients, receive};
pub use workers::work;

/// How long a service may take to stop.
const STOP_BUDGET: Duration = Duration::from_secs(25);

/// One life of a process.
struct Life {
    line: Line,
    /// Tells it to stop.
    stopping: CancellationToken,
    /// Ends when it is told to stop.
    task: JoinHandle<anyhow::Result<()>>,
}

impl Life {
    /// Lives until it is to end, or until all processes are to stop, and is gone after that.
    async fn lead(mut self, world: &Arc<World>, end: Option<End>, all_stop: &CancellationToken) {
        let actor = self.line.actor;
        let time_comes = async {
            match end {
                Some(end) => sleep_until(world.instant(end.at)).await,
                None => all_stop.cancelled().await,
            }
        };
        tokio::select! {
            biased;
            ended = &mut self.task => {
                world.accuse(format!("{actor:?} ended by itself: {ended:?}"));
                return;
            }
            () = time_comes => {}
        }
        match end.map_or(Manner::Stop, |end| end.manner) {
            Manner::Crash => {
                world.note(Event::Crashed(actor));
                self.line.cut();
                self.task.abort();
                // It ends as cancelled, which is what was asked for.
                let _cancelled = self.task.await;
            }
            Manner::Stop => self.stop(world).await,
        }
        sleep(end.map_or(Duration::ZERO, |end| end.away)).await;
    }

    async fn stop(mut self, world: &Arc<World>) {
        let actor = self.line.actor;
        world.note(Event::Stopping(actor));
        self.stopping.cancel();
        match timeout(STOP_BUDGET, &mut self.task).await {
            Ok(Ok(Ok(()))) => {}
            Ok(ended) => world.accuse(format!("{actor:?} did not stop well: {ended:?}")),
            // Frozen or waiting for an answer that is slow: then it is killed, as platforms do.
            Err(_) => self.task.abort(),
        }
        self.line.cut();
    }
}
