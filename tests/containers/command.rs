//! Running the tools of the platforms.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::Context;
use tokio::{process::Command, time::timeout};

/// Longer than anything that they are asked to wait for.
const BUDGET: Duration = Duration::from_mins(10);

/// What a tool printed. An error holds what it complained of.
pub(crate) async fn run(
    program: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(BUDGET, output)
        .await
        .with_context(|| format!("{program} {} has no end", arguments.join(" ")))?
        .with_context(|| format!("there is no command {program}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{program} {}: {errors}", arguments.join(" "));
    Ok(String::from_utf8(output.stdout)?)
}
