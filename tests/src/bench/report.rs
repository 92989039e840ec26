//! The table, as docs/PERFORMANCE.md has it. A line is printed as soon as it is known.

use std::time::Duration;

/// Begins the table.
pub(super) fn head() {
    line("what", "figure", "target");
    line("---", "---", "---");
}

/// A figure and what it should be; the target is empty where there is none.
#[expect(clippy::print_stdout, reason = "the terminal is the interface of this program")]
pub(super) fn line(what: &str, figure: &str, target: &str) {
    println!("| {what} | {figure} | {target} |");
}

/// How a time is written.
pub(super) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
