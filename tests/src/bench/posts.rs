//! How fast single images are taken in: `POST /image/post`, each client sending its next one when the last is answered.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};

use super::{
    Settings,
    connection::Connection,
    figures::{median, percentile, rate},
    fill, report,
    rig::Rig,
    usage::Usage,
};
use crate::installed::Installed;

/// With a new database, and with a full one.
pub(super) async fn measure(settings: &Settings, installed: &Installed) -> anyhow::Result<()> {
    let rig = Arc::new(Rig::intake(installed).await?);
    for clients in &settings.clients {
        measure_clients(settings, &rig, *clients, 0).await?;
    }
    if settings.rows > 0 {
        fill::processed_images(&rig.pool, settings.rows).await?;
        for clients in &settings.clients {
            measure_clients(settings, &rig, *clients, settings.rows).await?;
        }
    }
    Arc::into_inner(rig).expect("every client has ended").stop().await
}

/// The figures of so many clients.
async fn measure_clients(settings: &Settings, rig: &Arc<Rig>, clients: u32, rows: u32) -> anyhow::Result<()> {
    run_round(rig, clients, settings.round()).await?;
    let before = Usage::now()?;
    let mut rounds = Vec::new();
    for _ in 0..settings.rounds {
        rounds.push(run_round(rig, clients, settings.round()).await?);
    }
    let used = Usage::now()?.processor_since(&before, rounds.iter().map(Round::count).sum());
    let of_rounds = |percent| median(rounds.iter().map(|round| round.milliseconds(percent)));
    let figure = format!(
        "{:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
        median(rounds.iter().map(|round| rate(round.count(), round.took))),
        of_rounds(50),
        of_rounds(99),
    );
    let target = if clients == 16 { "6,000/s, p99 < 10 ms" } else { "" };
    report::line(&format!("single posts, {clients} clients, {rows} rows"), &figure, target);
    report::line("processor time of one post", &used, "");
    Ok(())
}

struct Round {
    took: Duration,
    latencies: Vec<Duration>,
}

impl Round {
    fn count(&self) -> u32 {
        u32::try_from(self.latencies.len()).expect("a round has far fewer posts")
    }

    fn milliseconds(&self, percent: usize) -> f64 {
        percentile(&self.latencies, percent).as_secs_f64() * 1000.0
    }
}

async fn run_round(rig: &Arc<Rig>, clients: u32, length: Duration) -> anyhow::Result<Round> {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(rig.connect().await?);
    }
    let began = Instant::now();
    let posting: JoinSet<_> = connections
        .into_iter()
        .map(|connection| post_until(began + length, connection, Arc::clone(rig)))
        .collect();
    let mut latencies = Vec::new();
    for done in posting.join_all().await {
        latencies.extend(done?);
    }
    Ok(Round { took: began.elapsed(), latencies })
}

/// One client: how long each of its posts took.
async fn post_until(
    end: Instant,
    mut connection: Connection,
    rig: Arc<Rig>,
) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let body = format!(r#"{{"path":"{}"}}"#, rig.new_path());
        let began = Instant::now();
        connection.post("/image/post", &body).await?.ensure(202)?;
        latencies.push(began.elapsed());
    }
    Ok(latencies)
}
