//! The simulation: thousands of seeds, the flaws that it must notice, and the models beside what they stand for.

mod conformance;
mod flaws;
mod replay;
mod seeds;

use std::{cell::Cell, panic, sync::Once};

use simulation::{
    flaw::Flaw,
    plan::Plan,
    run::{Run, run},
};

thread_local! {
    static PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// A task that panics takes nobody with it, so that it would pass unnoticed.
fn notice_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            PANICKED.set(true);
            usual(panicked);
        }));
    });
    PANICKED.set(false);
}

/// Runs a plan in time of its own.
fn simulate(plan: Plan, flaw: Option<Flaw>) -> Run {
    notice_panics();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let mut run = runtime.expect("a runtime without I/O needs nothing").block_on(run(plan, flaw));
    if PANICKED.get() {
        run.violation.get_or_insert("a task panicked, which is told above".to_owned());
    }
    run
}
