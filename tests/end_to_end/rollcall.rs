//! A running Rollcall for one test, and what a client does with it.

use std::{fs, time::Duration};

use anyhow::Context;
use proto::recognition_client::RecognitionClient;
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use rollcall_tests::{
    http,
    installed::Installed,
    mariadb,
    samples::{self, KNOWN_PEOPLE},
    scripted_recogniser::ScriptedRecogniser,
    stack::{Layout, Plan, Ports, Stack},
    wait,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::table::Table;

/// A whole Rollcall in a scratch folder, with the sample pictures.
pub(crate) struct Rollcall {
    pub(crate) stack: Stack,
    pub(crate) layout: Layout,
    http: reqwest::Client,
    _folder: TempDir,
}

impl Rollcall {
    /// Knows Barack Obama and Joe Biden.
    pub(crate) async fn start() -> Self {
        Self::knowing(&KNOWN_PEOPLE.map(|(photo, _)| photo)).await
    }

    /// Knows the people of these sample photos only.
    pub(crate) async fn knowing(photos: &[&str]) -> Self {
        Self::try_start(photos, |plan| plan).await.expect("the whole system starts")
    }

    /// Knows the same people; `arrange` says what is special.
    pub(crate) async fn arranged(arrange: impl FnOnce(Plan) -> Plan) -> Self {
        let photos = KNOWN_PEOPLE.map(|(photo, _)| photo);
        Self::try_start(&photos, arrange).await.expect("the whole system starts")
    }

    async fn try_start(photos: &[&str], arrange: impl FnOnce(Plan) -> Plan) -> anyhow::Result<Self> {
        let installed = Installed::find()?;
        let (folder, layout) = scratch_folder()?;
        samples::provide(&installed.assets.join("photos"), &layout.image_root(), &layout.known_people())?;
        for (photo, _) in KNOWN_PEOPLE.iter().filter(|(photo, _)| !photos.contains(photo)) {
            fs::remove_file(layout.known_people().join(photo))?;
        }
        Self::run(arrange(Plan::new(&layout, &installed, Ports::Any)), layout, folder).await
    }

    /// Asks a scripted recogniser, so that the pictures need not be there; `arrange` says what else is special.
    pub(crate) async fn scripted(
        recogniser: &ScriptedRecogniser,
        arrange: impl FnOnce(Plan) -> Plan,
    ) -> Self {
        let started = async {
            let (folder, layout) = scratch_folder()?;
            let plan = Plan::new(&layout, &Installed::find()?, Ports::Any);
            Self::run(arrange(plan.recogniser_at(recogniser.address())), layout, folder).await
        };
        started.await.expect("the whole system starts")
    }

    async fn run(plan: Plan, layout: Layout, folder: TempDir) -> anyhow::Result<Self> {
        let stack = plan.start(|_| {}).await?;
        Ok(Self { stack, layout, http: http::client()?, _folder: folder })
    }

    /// Posts as `curl -d` does, Content-Type included.
    pub(crate) async fn post(&self, route: &str, body: impl Into<String>) -> (StatusCode, Value) {
        let (status, _, body) = self.send(self.posting(route, body.into())).await;
        (status, body)
    }

    /// The request that `curl -d` makes.
    pub(crate) fn posting(&self, route: &str, body: String) -> RequestBuilder {
        let request = self.http.post(self.stack.receiver_url(route));
        request.header("Content-Type", "application/x-www-form-urlencoded").body(body)
    }

    /// Sends JSON as the routes under `/api/v1` want it.
    pub(crate) async fn api(&self, route: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.http.post(self.stack.receiver_url(route));
        let request = request.header("Content-Type", "application/json").body(body.to_string());
        let (status, _, body) = self.send(request).await;
        (status, body)
    }

    /// Asks something of `/api/v1` that must be done, and returns the answer; without a body of JSON it is null.
    pub(crate) async fn ask(&self, method: Method, route: &str, body: &Value) -> Value {
        let request = self.http.request(method, self.stack.receiver_url(&format!("/api/v1{route}")));
        let request = match body {
            Value::Null => request,
            body => request.header("Content-Type", "application/json").body(body.to_string()),
        };
        self.done(route, request).await
    }

    /// What a route of `/api/v1` reads.
    pub(crate) async fn read(&self, route: &str) -> Value {
        self.ask(Method::GET, route, &Value::Null).await
    }

    /// Sends the bytes of a picture to a route of `/api/v1` that takes them.
    pub(crate) async fn upload(&self, route: &str, picture: Vec<u8>) -> Value {
        let request = self.http.post(self.stack.receiver_url(&format!("/api/v1{route}")));
        self.done(route, request.header("Content-Type", "image/jpeg").body(picture)).await
    }

    async fn done(&self, route: &str, request: RequestBuilder) -> Value {
        let response = request.send().await.expect("the receiver answers");
        let status = response.status();
        let text = response.text().await.expect("an answer is text");
        assert!(status.is_success(), "{route}: {status} {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") }
    }

    /// Waits until an image is as `is` wants it.
    pub(crate) async fn image_until(&self, id: u64, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        wait::until(what, Duration::from_secs(30), async || {
            let image = self.read(&format!("/images/{id}")).await;
            if is(&image) { Ok(image) } else { Err(image) }
        })
        .await
        .expect("it becomes so in time")
    }

    /// Waits until an image bears this name, or none.
    pub(crate) async fn named(&self, id: u64, name: Option<&str>) -> Value {
        self.image_until(id, &format!("image {id} to be named {name:?}"), |image| {
            image["person"]["name"].as_str() == name
                && matches!(image["status"].as_str(), Some("processed" | "unresolved"))
        })
        .await
    }

    /// The largest group of unknown faces, once it has so many.
    pub(crate) async fn largest_group(&self, faces: u64) -> Value {
        wait::until(&format!("a group of {faces} faces"), Duration::from_secs(30), async || {
            let groups = self.read("/unknown-groups").await;
            match &groups["groups"][0] {
                group if group["faces"] == faces => Ok(group.clone()),
                _ => Err(groups),
            }
        })
        .await
        .expect("the faces are grouped in time")
    }

    /// Sends a request of which the headers of the answer matter too.
    pub(crate) async fn send(&self, request: RequestBuilder) -> (StatusCode, HeaderMap, Value) {
        whole_answer(request).await.expect("the receiver answers")
    }

    /// Posts one picture and returns its id.
    pub(crate) async fn post_picture(&self, path: &str) -> u64 {
        let (status, body) = self.post("/image/post", json!({ "path": path }).to_string()).await;
        assert!(status.is_success(), "{status} {body}");
        body["id"].as_u64().expect("an id")
    }

    /// Posts so many pictures in one request and returns their ids.
    pub(crate) async fn post_pictures(&self, count: usize) -> Vec<u64> {
        let paths: Vec<_> = (0..count).map(|number| json!({ "path": format!("/{number}.jpg") })).collect();
        let (status, body) = self.post("/images/post", json!({ "paths": paths }).to_string()).await;
        assert_eq!(status, 202, "{body}");
        let images = body["images"].as_array().expect("a list of images");
        assert_eq!(images.len(), count, "{body}");
        images.iter().map(|image| image["id"].as_u64().expect("an id")).collect()
    }

    /// What the first worker answers on its port of health and metrics.
    pub(crate) async fn worker_says(&self, route: &str) -> anyhow::Result<Value> {
        let (_, body) = answer(self.http.get(self.stack.image_processors[0].admin_url(route))).await?;
        Ok(body)
    }

    /// The table of images, as the database has it.
    pub(crate) fn table(&self) -> Table {
        Table::new(self.stack.mariadb.pool().expect("the database takes connections"))
    }

    /// An image, once it is neither pending nor processing.
    pub(crate) async fn result(&self, id: u64) -> Value {
        let url = self.stack.receiver_url(&format!("/api/v1/images/{id}"));
        wait::until(&format!("a result of image {id}"), Duration::from_mins(1), async || {
            let (_, image) = answer(self.http.get(&url)).await.map_err(|error| error.to_string())?;
            match image["status"].as_str() {
                Some("pending" | "processing") | None => Err(image.to_string()),
                Some(_) => Ok(image),
            }
        })
        .await
        .expect("a result in time")
    }

    /// Posts one picture of the samples and waits for its result.
    pub(crate) async fn recognise(&self, picture: &str) -> Value {
        let id = self.post_picture(&format!("/unknown_images/{picture}")).await;
        self.result(id).await
    }

    /// A connection to the recogniser.
    pub(crate) async fn channel(&self) -> Channel {
        let address = format!("http://{}", self.stack.recognition_address());
        Channel::from_shared(address)
            .expect("an address is a URI")
            .connect()
            .await
            .expect("the recogniser listens")
    }

    /// A client of the recogniser that may send whole pictures.
    pub(crate) async fn recognition(&self) -> RecognitionClient<Channel> {
        RecognitionClient::new(self.channel().await)
            .max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
            .max_encoding_message_size(proto::MAX_MESSAGE_BYTES)
    }

    /// Where a page is.
    pub(crate) fn page_url(&self, address: &str) -> String {
        self.stack.frontend_url(address)
    }

    /// The text of a page.
    pub(crate) async fn page(&self, address: &str) -> (StatusCode, String) {
        let response =
            self.http.get(self.stack.frontend_url(address)).send().await.expect("the frontend answers");
        (response.status(), response.text().await.expect("a page is text"))
    }

    /// Stops everything; a process that cannot be stopped fails the test.
    pub(crate) async fn stop(self) {
        self.stack.stop().await.expect("everything stops in order");
    }
}

/// A photo of the samples.
pub(crate) fn sample_photo(name: &str) -> Vec<u8> {
    let photos = Installed::find().expect("what `make test` installs is there").assets.join("photos");
    fs::read(photos.join(name)).expect("a photo of the samples")
}

fn scratch_folder() -> anyhow::Result<(TempDir, Layout)> {
    let folder = tempfile::tempdir()?;
    let layout = Layout::new(folder.path().to_owned()).with_template(mariadb::shared_template());
    Ok((folder, layout))
}

async fn answer(request: RequestBuilder) -> anyhow::Result<(StatusCode, Value)> {
    let (status, _, body) = whole_answer(request).await?;
    Ok((status, body))
}

async fn whole_answer(request: RequestBuilder) -> anyhow::Result<(StatusCode, HeaderMap, Value)> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await?;
    let body = serde_json::from_str(&text)
        .with_context(|| format!("{status} with a body that is not JSON: {text}"))?;
    Ok((status, headers, body))
}

/// The names of everybody who was identified in an image, in alphabetical order.
pub(crate) fn identified(image: &Value) -> Vec<&str> {
    let faces = image["faces"].as_array().expect("a list of faces");
    let mut names: Vec<&str> = faces
        .iter()
        .filter(|face| face["outcome"] == "identified")
        .filter_map(|face| face["best"]["person"]["name"].as_str())
        .collect();
    names.sort_unstable();
    names
}
