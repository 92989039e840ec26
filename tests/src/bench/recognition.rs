//! How long a picture takes from POST to its result, with the whole stack and the real recogniser.

use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use image::imageops::{self, FilterType};
use tokio::time::{Instant, sleep};

use super::{
    connection::Connection,
    figures::{percentile, rate},
    report::{self, milliseconds},
    rig::{Rig, batch},
};
use crate::{installed::Installed, samples};

/// The picture that is measured with: 626 x 1200 pixels, one known face.
const PICTURE: &str = "unknown0001.jpg";
const SMALL_WIDTH: u32 = 320;
/// Pictures posted one after the other, after [`WARM_UP`] that do not count.
const SINGLE: usize = 100;
const WARM_UP: usize = 10;
/// Pictures posted in one request.
const BATCH: u32 = 200;
/// Between two looks for a result.
const PAUSE: Duration = Duration::from_millis(2);
const RESULT_BUDGET: Duration = Duration::from_mins(5);

/// Pictures of a usual thumbnail's size, one at a time.
pub(super) async fn small_picture(installed: &Installed) -> anyhow::Result<()> {
    let rig = Rig::whole(installed).await?;
    let picture = image::open(rig.pictures.join(PICTURE))?.into_rgb8();
    let height = picture.height() * SMALL_WIDTH / picture.width();
    let file = rig.pictures.join("small.jpg");
    imageops::resize(&picture, SMALL_WIDTH, height, FilterType::Triangle).save(&file)?;
    measure_singles(&rig, &file, "p50 120 ms").await?;
    rig.stop().await
}

/// The sample picture, one at a time and many at once.
pub(super) async fn pictures(installed: &Installed) -> anyhow::Result<()> {
    let rig = Rig::whole(installed).await?;
    let file = rig.pictures.join(PICTURE);
    measure_singles(&rig, &file, "").await?;

    let paths = (0..BATCH).map(|number| copy(&file, &format!("batch{number}.jpg")));
    let took = time(&rig, paths.collect::<Result<_, _>>()?).await?;
    let figure = format!("{:.1} s, {:.1} images/s", took.as_secs_f64(), rate(BATCH, took));
    report::line(&format!("{BATCH} such pictures in one request, to the last result"), &figure, "");
    rig.stop().await
}

async fn measure_singles(rig: &Rig, file: &Path, target: &str) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for number in 0..WARM_UP + SINGLE {
        times.push(time(rig, vec![copy(file, &format!("single{number}.jpg"))?]).await?);
    }
    times.drain(..WARM_UP);
    let (width, height) = image::image_dimensions(file)?;
    let [p50, p95] = [50, 95].map(|percent| milliseconds(percentile(&times, percent)));
    let what = format!("one picture of {width} x {height}, from POST to its result");
    report::line(&what, &format!("p50 {p50}, p95 {p95}"), target);
    Ok(())
}

/// Another file with the same picture; the path to post.
fn copy(file: &Path, name: &str) -> anyhow::Result<String> {
    fs::copy(file, file.with_file_name(name))?;
    Ok(format!("/{}/{name}", samples::PICTURES))
}

/// From the request that posts these pictures until the last one has its result.
async fn time(rig: &Rig, paths: Vec<String>) -> anyhow::Result<Duration> {
    let mut connection = rig.connect().await?;
    let began = Instant::now();
    let answer = connection.post("/images/post", &batch(paths)).await?.expect(202)?;
    for image in answer["images"].as_array().context("a list of images")? {
        let id = image["id"].as_u64().context("an id")?;
        wait_for_result(&mut connection, id, began + RESULT_BUDGET).await?;
    }
    Ok(began.elapsed())
}

async fn wait_for_result(connection: &mut Connection, id: u64, end: Instant) -> anyhow::Result<()> {
    let route = format!("/api/v1/images/{id}");
    loop {
        let image = connection.get(&route).await?.expect(200)?;
        match image["status"].as_str() {
            Some("processed") => return Ok(()),
            Some("pending" | "processing") if Instant::now() < end => sleep(PAUSE).await,
            _ => anyhow::bail!("this picture shows somebody known, and its result is {image}"),
        }
    }
}
