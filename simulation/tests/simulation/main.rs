//! The simulation: thousands of seeds, the flaws that it must notice, and the models beside what they stand for.

mod conformance;
mod flaws;
mod replay;
mod seeds;

use simulation::{
    flaw::Flaw,
    plan::Plan,
    run::{Run, run},
};

/// Runs a plan in time of its own.
fn simulate(plan: Plan, flaw: Option<Flaw>) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without I/O needs nothing").block_on(run(plan, flaw))
}
