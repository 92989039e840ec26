//! Seed after seed, and one seed alone.

use std::{
    env,
    num::NonZeroUsize,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use simulation::{plan::Plan, run::Run};

use super::simulate;

/// How many `make test` runs; `ROLLCALL_SEEDS` asks for more.
const SEEDS: u64 = 2_000;

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}, which is no number")))
}

/// What to do with a run that went wrong.
fn how_to_replay(run: &Run) -> String {
    let seed = run.plan.seed;
    format!(
        "{run}\nreplay it: ROLLCALL_SEED={seed} cargo test --workspace --test simulation -- --nocapture one_seed"
    )
}

#[test]
fn no_seed_breaks_what_must_be_true() {
    let seeds = number("ROLLCALL_SEEDS").unwrap_or(SEEDS);
    let (next, failed) = (AtomicU64::new(0), Mutex::new(None));
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);

    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds || failed.lock().expect("nobody panics with it").is_some() {
                        break;
                    }
                    let run = simulate(Plan::of(seed), None);
                    if run.violation.is_some() {
                        failed.lock().expect("nobody panics with it").get_or_insert(run);
                    }
                }
            });
        }
    });

    if let Some(run) = failed.into_inner().expect("nobody panics with it") {
        panic!("{}", how_to_replay(&run));
    }
}

/// Of `ROLLCALL_SEED`, or the first: for a look at what happened.
#[test]
#[expect(clippy::print_stdout, reason = "what happened is what this is asked for")]
fn one_seed() {
    let run = simulate(Plan::of(number("ROLLCALL_SEED").unwrap_or(0)), None);

    assert_eq!(run.violation, None, "{}", how_to_replay(&run));
    println!("{run}");
}
