//! A backlog: many images are posted while no worker runs, then the workers start. All are done in the end, and no
//! process needs more memory for it.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    audit::{Expected, audit},
    experiment::Outcome,
    memory,
};
use crate::{
    http,
    installed::Installed,
    mariadb::{self, Sizes},
    scripted_recogniser::{Script, ScriptedRecogniser},
    stack::{Layout, Plan, Ports, Stack},
};

/// Images of one request.
const BATCH: usize = 10_000;
const WORKERS: usize = 2;
/// How long the workers may take for a thousand images.
const BUDGET_OF_A_THOUSAND: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(500);
/// Fit for a few million rows.
const SIZES: Sizes = Sizes { log_mib: 256, buffer_pool_mib: 1024 };

/// Posts so many images, works through them, and audits. `say` hears how much memory each process has on the way.
pub(super) async fn run(installed: &Installed, images: usize, say: impl Fn(&str)) -> anyhow::Result<Outcome> {
    let folder = tempfile::Builder::new().prefix("rollcall-backlog").tempdir()?;
    let layout = Layout::new(folder.path().to_owned()).with_template(mariadb::shared_template());
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    let plan = Plan::new(&layout, installed, Ports::Any).database(SIZES);
    let mut stack = plan.recogniser_at(recogniser.address()).workers(0).start(|_| {}).await?;

    say("| images done | of a second | memory: resident (proportional) in MiB |");
    say("|---|---|---|");
    say(&line("before the first post", None, &mut stack)?);
    let accepted = post(&stack, images).await?;
    say(&line("all posted, no worker", None, &mut stack)?);
    for _ in 0..WORKERS {
        stack.start_worker().await?;
    }
    let began = Instant::now();
    for quarter in 0..=4 {
        let done = images * quarter / 4;
        wait_until_done(&stack, done, images, began).await?;
        let rate = (quarter > 0).then(|| done as u128 * 1_000 / began.elapsed().as_millis().max(1));
        say(&line(&done.to_string(), rate, &mut stack)?);
    }

    let expected = Expected { accepted, ..Expected::default() };
    let pool = stack.mariadb.pool()?;
    let violations = audit(&mut *pool.acquire().await?, &expected).await?;
    pool.close().await;
    stack.stop().await?;
    Ok(Outcome {
        accepted: expected.accepted.len(),
        violations: violations.iter().map(ToString::to_string).collect(),
    })
}

/// The ids of as many new images.
async fn post(stack: &Stack, images: usize) -> anyhow::Result<BTreeSet<u64>> {
    let http = http::client()?;
    let mut accepted = BTreeSet::new();
    for first in (0..images).step_by(BATCH) {
        let numbers = first..images.min(first + BATCH);
        let paths: Vec<_> = numbers.map(|number| json!({ "path": format!("/{number:08}.jpg") })).collect();
        let body = json!({ "paths": paths }).to_string();
        let answer = http.post(stack.receiver_url("/images/post")).body(body).send().await?;
        let answer: Value = answer.error_for_status()?.json().await?;
        let posted = answer["images"].as_array().context("a list of images")?;
        accepted.extend(posted.iter().filter_map(|image| image["id"].as_u64()));
    }
    anyhow::ensure!(accepted.len() == images, "{} of {images} images were accepted", accepted.len());
    Ok(accepted)
}

async fn wait_until_done(stack: &Stack, done: usize, images: usize, began: Instant) -> anyhow::Result<()> {
    let pool = stack.mariadb.pool()?;
    let budget = BUDGET_OF_A_THOUSAND * u32::try_from(images.div_ceil(1_000))?;
    loop {
        let open: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM images WHERE status IN (0, 3)").fetch_one(&pool).await?;
        if usize::try_from(open)? <= images - done {
            pool.close().await;
            return Ok(());
        }
        anyhow::ensure!(began.elapsed() < budget, "{open} images have no result after {budget:?}");
        sleep(PAUSE).await;
    }
}

fn line(done: &str, rate: Option<u128>, stack: &mut Stack) -> anyhow::Result<String> {
    let rate = rate.map(|rate| rate.to_string()).unwrap_or_default();
    let parts: Vec<_> = memory::of_all(stack)?
        .iter()
        .map(|memory| {
            let [resident, proportional] =
                [memory.resident_kib, memory.proportional_kib].map(|kib| kib.div_ceil(1024));
            format!("{} {resident} ({proportional})", memory.process)
        })
        .collect();
    Ok(format!("| {done} | {rate} | {} |", parts.join(", ")))
}
