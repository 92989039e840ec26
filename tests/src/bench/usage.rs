//! Processor time and memory of this program and the processes that it started, as Linux counts them (proc(5)).

use std::{collections::BTreeMap, fs, path::Path, process, time::Duration};

use anyhow::Context;

/// Unit of the processor times in `/proc/PID/stat`: `USER_HZ`, which is 100 on every Linux that Rollcall runs on.
const TICK: Duration = Duration::from_millis(10);

/// What each program has used until now, by its name.
#[derive(Debug, Clone)]
pub(super) struct Usage(BTreeMap<String, ProcessUsage>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ProcessUsage {
    processor: Duration,
    resident_kib: u64,
}

impl Usage {
    /// Looks at all of them.
    pub(super) fn now() -> anyhow::Result<Self> {
        let mut usage = BTreeMap::new();
        for entry in fs::read_dir("/proc")? {
            let entry = entry?;
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // Strangers may end while we look, and their programs are not ours to see.
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
            let (parent, processor) =
                parse_stat(&stat).with_context(|| format!("/proc/{id}/stat: {stat}"))?;
            if [id, parent].contains(&process::id()) {
                let (name, resident_kib) = (program(&entry.path())?, resident_kib(&entry.path())?);
                usage.insert(name, ProcessUsage { processor, resident_kib });
            }
        }
        Ok(Self(usage))
    }

    /// Processor time since `earlier`, of one in `count` things done, busiest first.
    pub(super) fn processor_since(&self, earlier: &Self, count: u32) -> String {
        let used = self.0.iter().map(|(name, now)| {
            let before = earlier.0.get(name).map_or(Duration::ZERO, |before| before.processor);
            (now.processor.saturating_sub(before) / count, name)
        });
        let mut used: Vec<_> = used.filter(|(used, _)| !used.is_zero()).collect();
        used.sort();
        let total: Duration = used.iter().map(|(used, _)| used).sum();
        let parts: Vec<_> =
            used.iter().rev().map(|(used, name)| format!("{name} {}", used.as_micros())).collect();
        format!("{} µs: {}", total.as_micros(), parts.join(", "))
    }

    /// Resident memory, without that of this program.
    pub(super) fn memory(&self) -> String {
        let own = program(Path::new("/proc/self")).unwrap_or_default();
        let parts: Vec<_> = self
            .0
            .iter()
            .filter(|(name, _)| **name != own)
            .map(|(name, usage)| format!("{name} {} MiB", usage.resident_kib.div_ceil(1024)))
            .collect();
        parts.join(", ")
    }
}

/// The parent's id and the time spent in user and kernel mode.
fn parse_stat(stat: &str) -> Option<(u32, Duration)> {
    // The name in brackets may hold anything, brackets too.
    let (_, after_name) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    Some((fields.get(1)?.parse().ok()?, TICK * ticks))
}

fn program(process: &Path) -> anyhow::Result<String> {
    let program = fs::read_link(process.join("exe"))?;
    Ok(program.file_name().context("a program is a file")?.to_string_lossy().into_owned())
}

fn resident_kib(process: &Path) -> anyhow::Result<u64> {
    memory_kib(process, "VmRSS:")
}

/// A figure of a process's memory, by its name in `/proc/PID/status`.
fn memory_kib(process: &Path, figure: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(process.join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).context("a process has memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Memory that a process has now.
pub(super) fn resident_mib(id: u32) -> anyhow::Result<u64> {
    Ok(memory_kib(&Path::new("/proc").join(id.to_string()), "VmRSS:")?.div_ceil(1024))
}

/// The most that it ever had.
pub(super) fn peak_resident_mib(id: u32) -> anyhow::Result<u64> {
    Ok(memory_kib(&Path::new("/proc").join(id.to_string()), "VmHWM:")?.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b) S 42 7 7 0 -1 4194304 1 0 0 0 150 50 0 0 20 0 1 0 5 0 0";

        assert_eq!(parse_stat(stat), Some((42, Duration::from_secs(2))));
    }

    #[test]
    fn this_program_is_among_those_that_are_seen() {
        let usage = Usage::now().unwrap();

        let own = usage.0[&program(Path::new("/proc/self")).unwrap()];

        assert!(own.resident_kib > 0, "{usage:?}");
    }
}
