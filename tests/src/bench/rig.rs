//! A stack in a scratch folder to measure with. What a measurement does not need is left out of it: that would take
//! its share of the processor.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sqlx::MySqlPool;
use tempfile::TempDir;
use tokio::time::Instant;

use super::{
    connection::Connection,
    figures::percentile,
    report::{self, milliseconds},
    usage::Usage,
};
use crate::{
    installed::Installed,
    mariadb::{self, Sizes},
    samples,
    stack::{Layout, Plan, Ports, Stack},
};

/// Fit for a few million rows.
const SIZES: Sizes = Sizes { log_mib: 512, buffer_pool_mib: 2048 };
/// Where there is no recogniser.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
const MIB: u64 = 1024 * 1024;
const COMMITS: u32 = 300;

/// The running parts. Dropping it kills all of them.
pub(super) struct Rig {
    stack: Box<Stack>,
    /// For looking into the tables.
    pub(super) pool: MySqlPool,
    /// Folder of the sample pictures.
    pub(super) pictures: PathBuf,
    posted: AtomicU64,
    _folder: TempDir,
}

impl Rig {
    /// Database, queue and receiver: images are taken in, and nobody looks at them.
    pub(super) async fn intake(installed: &Installed) -> anyhow::Result<Self> {
        Self::start(installed, |plan| plan.recogniser_at(NOWHERE).workers(0)).await
    }

    /// With one worker that asks this recogniser.
    pub(super) async fn with_recogniser_at(
        installed: &Installed,
        address: SocketAddr,
        concurrency: u32,
    ) -> anyhow::Result<Self> {
        let concurrency = concurrency.to_string();
        Self::start(installed, |plan| {
            plan.recogniser_at(address).set("image-processor", "CONCURRENCY", concurrency)
        })
        .await
    }

    /// As `make run` starts it.
    pub(super) async fn whole(installed: &Installed) -> anyhow::Result<Self> {
        Self::start(installed, |plan| plan).await
    }

    async fn start(installed: &Installed, change: impl FnOnce(Plan) -> Plan) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let layout = Layout::new(folder.path().to_owned()).with_template(mariadb::shared_template());
        samples::provide(&installed.assets.join("photos"), &layout.image_root(), &layout.known_people())?;
        let plan = change(Plan::new(&layout, installed, Ports::Any).database(SIZES));
        let stack = Box::new(plan.start(|_| {}).await?);
        let rig = Self {
            pool: stack.mariadb.pool()?,
            stack,
            pictures: layout.image_root().join(samples::PICTURES),
            posted: AtomicU64::new(0),
            _folder: folder,
        };
        rig.describe_database().await?;
        Ok(rig)
    }

    /// Says what the figures depend on.
    async fn describe_database(&self) -> anyhow::Result<()> {
        let (version, flush, pool, log): (String, u64, u64, u64) = sqlx::query_as(
            "SELECT VERSION(), @@innodb_flush_log_at_trx_commit, @@innodb_buffer_pool_size,
                    @@innodb_log_file_size",
        )
        .fetch_one(&self.pool)
        .await?;
        let (pool, log) = (pool / MIB, log / MIB);
        let described = format!(
            "{version}, innodb_flush_log_at_trx_commit = {flush}, buffer pool {pool} MiB, log {log} MiB"
        );
        report::line("database", &described, "");
        let commits = self.commit_times().await?;
        let [half, most] = [50, 99].map(|percent| milliseconds(percentile(&commits, percent)));
        report::line("one commit of one small row", &format!("p50 {half}, p99 {most}"), "");
        Ok(())
    }

    /// How long some commits took with nothing else going on: no post is faster.
    async fn commit_times(&self) -> anyhow::Result<Vec<Duration>> {
        let mut connection = self.pool.acquire().await?;
        let mut times = Vec::new();
        for number in 0..COMMITS {
            let began = Instant::now();
            sqlx::query("INSERT INTO person (name) VALUES (?)")
                .bind(number)
                .execute(&mut *connection)
                .await?;
            times.push(began.elapsed());
        }
        sqlx::query("DELETE FROM person WHERE name < ?").bind(COMMITS).execute(&mut *connection).await?;
        Ok(times)
    }

    /// A new connection to the receiver.
    pub(super) async fn connect(&self) -> anyhow::Result<Connection> {
        Connection::open(self.stack.receiver.addresses[0]).await
    }

    /// Where the pages are.
    pub(super) fn frontend(&self) -> SocketAddr {
        self.stack.frontend.addresses[0]
    }

    /// The frontend's process.
    pub(super) fn frontend_id(&mut self) -> u32 {
        self.stack.frontend.process().id()
    }

    /// A path that was not posted before. No picture is there.
    pub(super) fn new_path(&self) -> String {
        format!("/camera_7/2026-05-17/{:012}.jpg", self.posted.fetch_add(1, Ordering::Relaxed))
    }

    /// Says how much memory each part has now, and stops all of them.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        report::line("resident memory after that", &Usage::now()?.memory(), "");
        self.pool.close().await;
        self.stack.stop().await
    }
}

/// The body of `POST /images/post`.
pub(super) fn batch(paths: impl IntoIterator<Item = String>) -> String {
    let paths: Vec<_> = paths.into_iter().map(|path| serde_json::json!({ "path": path })).collect();
    serde_json::json!({ "paths": paths }).to_string()
}
