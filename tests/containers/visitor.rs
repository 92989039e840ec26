//! Somebody who has signed in at the pages. What they change goes from the frontend to the API, and from there to the volumes
//! and the recogniser: each of them has to be let in by the next one.

use std::fs;

use anyhow::Context;
use reqwest::{Client as Http, StatusCode, header, redirect::Policy};
use rollcall_tests::installed::Installed;
use serde_json::Value;

use crate::client::Client;

const BOUNDARY: &str = "------------a-file";

/// A browser with the cookie of the token.
pub(crate) struct Visitor<'a> {
    client: &'a Client,
    cookie: String,
    http: Http,
}

impl<'a> Visitor<'a> {
    /// With the receiver's token.
    pub(crate) fn new(client: &'a Client, token: &str) -> anyhow::Result<Self> {
        let http = Http::builder().no_proxy().redirect(Policy::none()).build()?;
        Ok(Self { client, cookie: format!("rollcall_token={token}"), http })
    }

    /// Adds a photo of the samples by the form for files, and returns its id.
    pub(crate) async fn upload(&self, sample: &str) -> anyhow::Result<u64> {
        let picture = fs::read(Installed::find()?.assets.join("photos").join(sample))?;
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{sample}\"\r\n\
             content-type: image/jpeg\r\n\r\n"
        );
        let body = [head.as_bytes(), &picture, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
        let answer = self
            .http
            .post(self.client.page_url("/add/files"))
            .header(header::COOKIE, &self.cookie)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(body)
            .send()
            .await?;
        let (status, told) = (answer.status(), answer.text().await?);
        let answer: Value = serde_json::from_str(&told).with_context(|| format!("{status}: {told}"))?;
        answer["rows"][0][0].as_u64().with_context(|| format!("{status}: {told}"))
    }

    /// Has the only face of a picture be a known photo of the person that it was recognised as.
    pub(crate) async fn enrol_face_of(&self, image: u64) -> anyhow::Result<()> {
        let shown = self.client.image(image).await?;
        let face = shown["faces"][0]["id"].as_u64().with_context(|| shown.to_string())?;
        let form = format!("person_id={}&enrol=1", shown["person"]["id"]);
        let answer = self
            .http
            .post(self.client.page_url(&format!("/images/{image}/faces/{face}/person")))
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await?;
        let (status, text) = (answer.status(), answer.text().await?);
        anyhow::ensure!(status == StatusCode::SEE_OTHER, "{status}: {text}");
        Ok(())
    }
}
