//! What a person does with a Rollcall that runs: posts pictures, waits for their results, looks at the page.

use std::time::Duration;

use anyhow::Context;
use reqwest::{Client as Http, StatusCode};
use rollcall_tests::{http, wait};
use serde_json::{Value, json};

/// Long enough for some hundred pictures on two cores.
const RESULT_BUDGET: Duration = Duration::from_mins(5);
const STATES_OF_WORK: [&str; 2] = ["pending", "processing"];
/// A known person who comes later than the recogniser is noticed within seconds; on a busy machine it is looked for longer.
const KNOWN_BUDGET: Duration = Duration::from_mins(2);
/// A sample picture, and whom it shows.
const SAMPLE: &str = "/unknown_images/unknown0001.jpg";
const SHOWN: &str = "Barack Obama";

/// Somebody at the two open ports.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    receiver: String,
    frontend: String,
    http: Http,
}

impl Client {
    /// The addresses are URLs without a slash at the end.
    pub(crate) fn new(receiver: String, frontend: String) -> anyhow::Result<Self> {
        Ok(Self { receiver, frontend, http: http::client()? })
    }

    /// Posts one path that was not known before, and returns its id.
    pub(crate) async fn post(&self, path: &str) -> anyhow::Result<u64> {
        let (status, answer) = self.try_post(&json!({ "path": path })).await?;
        anyhow::ensure!(status == StatusCode::ACCEPTED, "{path}: {status}: {answer}");
        answer["id"].as_u64().context("an accepted picture has an id")
    }

    pub(crate) async fn try_post(&self, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
        let url = format!("{}/image/post", self.receiver);
        let answer = self.http.post(url).body(body.to_string()).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// Posts many paths at once and returns their ids.
    pub(crate) async fn post_all(&self, paths: &[String]) -> anyhow::Result<Vec<u64>> {
        let paths: Vec<Value> = paths.iter().map(|path| json!({ "path": path })).collect();
        let url = format!("{}/images/post", self.receiver);
        let answer = self.http.post(url).body(json!({ "paths": paths }).to_string()).send().await?;
        let (status, answer): (_, Value) = (answer.status(), answer.json().await?);
        anyhow::ensure!(status == StatusCode::ACCEPTED, "{status}: {answer}");
        let images = answer["images"].as_array().context("a batch is answered with its images")?;
        images.iter().map(|image| image["id"].as_u64().context("an id")).collect()
    }

    pub(crate) async fn image(&self, id: u64) -> anyhow::Result<Value> {
        let url = format!("{}/api/v1/images/{id}", self.receiver);
        Ok(self.http.get(url).send().await?.error_for_status()?.json().await?)
    }

    /// The image, once nothing more happens to it.
    pub(crate) async fn until_final(&self, id: u64) -> anyhow::Result<Value> {
        wait::until("the result of an image", RESULT_BUDGET, async || {
            let image = self.image(id).await?;
            let in_work = image["status"].as_str().is_none_or(|status| STATES_OF_WORK.contains(&status));
            anyhow::ensure!(!in_work, "{image}");
            Ok(image)
        })
        .await
    }

    /// Each of the images named somebody, and no call was charged to it or lost.
    pub(crate) async fn until_all_processed(&self, ids: &[u64]) -> anyhow::Result<()> {
        for id in ids {
            let image = self.until_final(*id).await?;
            let clean = image["status"] == "processed" && image["attempts"] == 0 && image["losses"] == 0;
            anyhow::ensure!(clean, "{image}");
        }
        Ok(())
    }

    /// The table that a browser gets.
    pub(crate) async fn page(&self) -> anyhow::Result<String> {
        Ok(self.http.get(self.page_url("/")).send().await?.error_for_status()?.text().await?)
    }

    /// The address of a page.
    pub(crate) fn page_url(&self, path: &str) -> String {
        format!("{}{path}", self.frontend)
    }

    /// The names of the known photos, by the recogniser's word.
    pub(crate) async fn known_photos(&self) -> anyhow::Result<Vec<String>> {
        let url = format!("{}/api/v1/known-photos", self.receiver);
        let list: Value = self.http.get(url).send().await?.error_for_status()?.json().await?;
        let photos = list["photos"].as_array().with_context(|| list.to_string())?;
        Ok(photos.iter().filter_map(|photo| photo["photo"].as_str().map(str::to_owned)).collect())
    }

    /// Posts a sample picture: the name of whom it shows is in the answer and on the page.
    pub(crate) async fn expect_obama(&self) -> anyhow::Result<u64> {
        let id = self.post(SAMPLE).await?;
        expect_named(&self.until_final(id).await?)?;
        self.expect_obama_on_the_page().await?;
        Ok(id)
    }

    /// Waits for the answer alone, where the known people may come later than the recogniser: the picture is looked at
    /// again until then.
    pub(crate) async fn until_obama(&self) -> anyhow::Result<()> {
        wait::until("the sample picture to be named", KNOWN_BUDGET, async || {
            expect_named(&self.look_again().await?)
        })
        .await
    }

    /// The sample picture must be among the newest, which the table's first page shows.
    pub(crate) async fn expect_obama_on_the_page(&self) -> anyhow::Result<()> {
        let page = self.page().await?;
        anyhow::ensure!(page.contains(SHOWN) && page.contains(SAMPLE), "{page}");
        Ok(())
    }

    /// Looks again until nobody on that picture is known.
    pub(crate) async fn until_nobody(&self) -> anyhow::Result<()> {
        wait::until("nobody on the sample picture to be known", KNOWN_BUDGET, async || {
            let image = self.look_again().await?;
            anyhow::ensure!(image["status"] == "unresolved", "{image}");
            Ok(())
        })
        .await
    }

    async fn look_again(&self) -> anyhow::Result<Value> {
        let (status, answer) = self.try_post(&json!({ "path": SAMPLE, "rerun": true })).await?;
        let id = answer["id"].as_u64().with_context(|| format!("{status}: {answer}"))?;
        self.until_final(id).await
    }
}

fn expect_named(image: &Value) -> anyhow::Result<()> {
    anyhow::ensure!(image["person"]["name"] == SHOWN, "{image}");
    Ok(())
}
