//! How many pictures each recogniser looked at, as its metrics tell.

use std::collections::BTreeMap;

use anyhow::Context;

use crate::command;

const LOOKS: &str = "rollcall_look_seconds_count";
/// Asked from inside: the addresses of a swarm's network lead nowhere on the host, and the image has no curl.
const ASK: &str = r#"exec 3<>/dev/tcp/127.0.0.1/8003; printf "GET /metrics HTTP/1.0\r\n\r\n" >&3; cat <&3"#;

/// By the name of the recogniser.
pub(crate) type Looks = BTreeMap<String, u64>;

/// In the metrics of one recogniser.
pub(crate) fn in_metrics(metrics: &str) -> anyhow::Result<u64> {
    let line = metrics.lines().find(|line| line.starts_with(LOOKS));
    // Before the first look there is no such line.
    line.map_or(Ok(0), |line| Ok(line.split(' ').nth(1).with_context(|| line.to_owned())?.parse()?))
}

/// Of these containers, as the engine lists them by their ids.
pub(crate) async fn of_containers(ids: &str) -> anyhow::Result<Looks> {
    let mut looks = Looks::new();
    for id in ids.lines() {
        let answer = command::run("docker", &["exec", id, "bash", "-c", ASK], &[]).await?;
        let status = answer.lines().next().unwrap_or_default();
        anyhow::ensure!(status.contains(" 200 "), "{id}: {status}");
        looks.insert(id.to_owned(), in_metrics(&answer)?);
    }
    Ok(looks)
}

/// What came to each of those that are there afterwards.
pub(crate) fn since(before: &Looks, after: &Looks) -> Vec<u64> {
    after.iter().map(|(name, looks)| looks - before.get(name).unwrap_or(&0)).collect()
}
