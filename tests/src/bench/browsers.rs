//! Many open pages that follow what happens: what they ask of the database, and how soon a change is told to all of them.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use sqlx::MySqlPool;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Barrier,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    figures::percentile,
    report::{self, milliseconds},
    rig::Rig,
    usage::resident_mib,
};
use crate::installed::Installed;

/// Open pages.
const BROWSERS: usize = 500;
/// Images that each of them shows.
const ROWS: u64 = 50;
/// How long they only look.
const QUIET: Duration = Duration::from_secs(10);
const CHANGES: usize = 30;
/// Nothing takes longer, unless it is lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open page.
struct Page {
    lines: Lines<BufReader<OwnedReadHalf>>,
    /// Dropped, it would end the connection.
    _request: OwnedWriteHalf,
}

pub(super) async fn measure(installed: &Installed) -> anyhow::Result<()> {
    let mut rig = Rig::intake(installed).await?;
    let ids = images(&rig.pool).await?;
    let before = resident_mib(rig.frontend_id())?;
    let without = queries_a_second(&rig.pool).await?;
    // All at once: each hears its first event with the next look of the frontend.
    let pages = try_join_all((0..BROWSERS).map(|_| Page::open(&rig, &ids))).await?;

    let a_second = queries_a_second(&rig.pool).await? - without;
    report::line(&format!("queries a second of {BROWSERS} open pages"), &format!("{a_second:.1}"), "1");

    let told = changes(&rig.pool, pages, &ids).await?;
    let [half, most] = [50, 100].map(|percent| milliseconds(percentile(&told, percent)));
    report::line(
        &format!("from the change of a row to all {BROWSERS} pages"),
        &format!("p50 {half}, at most {most}"),
        "1 s",
    );
    let after = resident_mib(rig.frontend_id())?;
    report::line("memory of the frontend before and then", &format!("{before} MiB, {after} MiB"), "60 MB");
    rig.stop().await
}

impl Page {
    async fn open(rig: &Rig, ids: &[u64]) -> anyhow::Result<Self> {
        let (read, mut write) = TcpStream::connect(rig.frontend()).await?.into_split();
        let shown: Vec<String> = ids.iter().map(u64::to_string).collect();
        let request = format!("GET /live?rows={}&new=1 HTTP/1.1\r\nHost: localhost\r\n\r\n", shown.join(","));
        write.write_all(request.as_bytes()).await?;
        let mut page = Self { lines: BufReader::new(read).lines(), _request: write };
        page.hears("event: hello").await?;
        Ok(page)
    }

    async fn hears(&mut self, event: &str) -> anyhow::Result<()> {
        let heard = async {
            while let Some(line) = self.lines.next_line().await? {
                if line == event {
                    return Ok(());
                }
            }
            anyhow::bail!("the connection ended before {event:?}")
        };
        timeout(PATIENCE, heard).await?
    }
}

/// How long each change took until the last page had heard of it.
async fn changes(pool: &MySqlPool, pages: Vec<Page>, ids: &[u64]) -> anyhow::Result<Vec<Duration>> {
    let everybody = Arc::new(Barrier::new(pages.len() + 1));
    let mut listening = JoinSet::new();
    for mut page in pages {
        let everybody = Arc::clone(&everybody);
        listening.spawn(async move {
            for _ in 0..CHANGES {
                everybody.wait().await;
                page.hears("event: row").await?;
                everybody.wait().await;
            }
            anyhow::Ok(())
        });
    }
    let mut told = Vec::new();
    for change in 0..CHANGES {
        // At another moment of the frontend's second each time.
        sleep(Duration::from_millis(u64::try_from(change * 137 % 1_000)?)).await;
        timeout(PATIENCE, everybody.wait()).await?;
        let began = Instant::now();
        sqlx::query("UPDATE images SET losses = losses + 1, updated_at = UTC_TIMESTAMP(6) WHERE id = ?")
            .bind(ids[change % ids.len()])
            .execute(pool)
            .await?;
        timeout(PATIENCE, everybody.wait()).await?;
        told.push(began.elapsed());
    }
    while let Some(ended) = listening.join_next().await {
        ended??;
    }
    Ok(told)
}

/// Adds images, and returns their ids.
async fn images(pool: &MySqlPool) -> anyhow::Result<Vec<u64>> {
    for number in 0..ROWS {
        sqlx::query(
            "INSERT INTO images (path, path_hash, status, reason, next_attempt_at, created_at, updated_at)
             SELECT path, UNHEX(SHA2(path, 256)), 4, 'no_face', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
             FROM (SELECT CONCAT('/camera_3/', ?, '.jpg') AS path) AS named",
        )
        .bind(number)
        .execute(pool)
        .await?;
    }
    Ok(sqlx::query_scalar("SELECT id FROM images ORDER BY id").fetch_all(pool).await?)
}

/// Queries of all services, among which are those of others than the frontend.
async fn queries_a_second(pool: &MySqlPool) -> anyhow::Result<f64> {
    let begin = queries(pool).await?;
    sleep(QUIET).await;
    Ok((queries(pool).await? - begin) / QUIET.as_secs_f64())
}

async fn queries(pool: &MySqlPool) -> anyhow::Result<f64> {
    let (_, count): (String, String) =
        sqlx::query_as("SHOW GLOBAL STATUS LIKE 'Com_select'").fetch_one(pool).await?;
    Ok(count.parse()?)
}
