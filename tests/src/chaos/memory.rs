//! Memory of the processes of a stack, as Linux counts it (`smaps_rollup` in proc(5)).

use std::fs;

use anyhow::Context;

use crate::{service::Service, stack::Stack};

/// Memory of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) process: String,
    /// All that is resident.
    pub(super) resident_kib: u64,
    /// The same with what is shared divided among those who share it.
    pub(super) proportional_kib: u64,
}

/// Memory of every process of the stack that runs.
pub(super) fn of_all(stack: &mut Stack) -> anyhow::Result<Vec<Memory>> {
    let parts = [stack.mariadb.process(), stack.nsqlookupd.process(), stack.nsqd.process()];
    let services = stack.face_recognition.iter_mut().chain(&mut stack.image_processors);
    let services = services.chain([&mut stack.receiver]).chain(&mut stack.further_receivers);
    let services = services.chain([&mut stack.frontend]).map(Service::process);
    let running = parts.into_iter().chain(services).filter(|process| !process.is_down());
    running
        .map(|process| {
            let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.id()))?;
            let figure = |name| kib(&rollup, name).with_context(|| format!("no {name} in {rollup}"));
            Ok(Memory {
                process: process.recipe().name.clone(),
                resident_kib: figure("Rss:")?,
                proportional_kib: figure("Pss:")?,
            })
        })
        .collect()
}

fn kib(rollup: &str, name: &str) -> Option<u64> {
    let figure = rollup.lines().find_map(|line| line.strip_prefix(name))?;
    figure.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found_by_its_whole_name() {
        let rollup =
            "00-ff ---p 00000000 00:00 0 [rollup]\nRss:    1044 kB\nPss:     217 kB\nPss_Anon: 9 kB\n";

        assert_eq!(
            (kib(rollup, "Rss:"), kib(rollup, "Pss:"), kib(rollup, "Swap:")),
            (Some(1044), Some(217), None)
        );
    }
}
