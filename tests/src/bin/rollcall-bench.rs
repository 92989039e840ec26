//! Figures of the whole system (`make bench`): how long a picture takes from POST to its result, one at a time and
//! two hundred at once. Real parts in a scratch folder; prints medians for docs/PERFORMANCE.md.

use std::{fs, path::Path, process::ExitCode, time::Duration};

use anyhow::Context;
use reqwest::Client;
use rollcall_tests::{
    http,
    installed::Installed,
    mariadb, samples,
    stack::{Layout, Ports, Stack},
    wait,
};
use tokio::time::Instant;

/// Pictures that are posted one after the other, after [`WARM_UP`] that do not count.
const SINGLE: usize = 50;
const WARM_UP: usize = 5;
/// Pictures that are posted in one request.
const BATCH: usize = 200;
const RESULT_BUDGET: Duration = Duration::from_mins(5);

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the terminal is the interface of this program")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollcall-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let installed = Installed::find()?;
    let folder = tempfile::tempdir()?;
    let layout = Layout::new(folder.path().to_owned()).with_template(mariadb::shared_template());
    samples::provide(&installed.assets.join("photos"), &layout.image_root(), &layout.known_people())?;
    let stack = Stack::start(&layout, &installed, Ports::Any, |_| {}).await?;
    let rollcall = Rollcall { stack, http: http::client()? };
    let pictures = layout.image_root().join(samples::PICTURES);

    let mut single = Vec::new();
    for number in 0..WARM_UP + SINGLE {
        let path = copy(&pictures, &format!("single{number}.jpg"))?;
        single.push(rollcall.time(&[path]).await?);
    }
    single.drain(..WARM_UP);
    single.sort();
    report("one picture, POST to result, median", single[SINGLE / 2]);
    report("one picture, POST to result, 95th percentile", single[SINGLE * 95 / 100]);

    let batch: Vec<String> =
        (0..BATCH).map(|number| copy(&pictures, &format!("batch{number}.jpg"))).collect::<Result<_, _>>()?;
    let took = rollcall.time(&batch).await?;
    report("200 pictures in one request, POST to last result", took);
    rollcall.stack.stop().await
}

/// Another file with the picture of 626 x 1200 pixels that shows one known face.
fn copy(folder: &Path, name: &str) -> anyhow::Result<String> {
    fs::copy(folder.join("unknown0001.jpg"), folder.join(name))?;
    Ok(format!("/{}/{name}", samples::PICTURES))
}

#[expect(clippy::print_stdout, reason = "the terminal is the interface of this program")]
fn report(what: &str, took: Duration) {
    println!("{what:<50} {:>8.1} ms", took.as_secs_f64() * 1000.0);
}

struct Rollcall {
    stack: Stack,
    http: Client,
}

impl Rollcall {
    /// From the request that posts these pictures until the last one has its result.
    async fn time(&self, paths: &[String]) -> anyhow::Result<Duration> {
        let paths: Vec<_> = paths.iter().map(|path| serde_json::json!({ "path": path })).collect();
        let body = serde_json::json!({ "paths": paths });
        let began = Instant::now();
        let answer =
            self.http.post(self.stack.receiver_url("/images/post")).body(body.to_string()).send().await?;
        let answer: serde_json::Value = answer.error_for_status()?.json().await?;
        for image in answer["images"].as_array().context("a list of images")? {
            self.wait_for(image["id"].as_u64().context("an id")?).await?;
        }
        Ok(began.elapsed())
    }

    async fn wait_for(&self, id: u64) -> anyhow::Result<()> {
        let url = self.stack.receiver_url(&format!("/api/v1/images/{id}"));
        wait::until("a result", RESULT_BUDGET, async || {
            let image: serde_json::Value = self.http.get(&url).send().await?.json().await?;
            anyhow::ensure!(image["status"] == "processed", "{image}");
            Ok(())
        })
        .await
    }
}
