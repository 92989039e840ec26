//! A recogniser process for one test, and what its clients see of it.

use std::{ffi::OsString, fs, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use face_recognition::dlib::{self, Precision};
use image::RgbImage;
use proto::{
    RecognizeRequest, RecognizeResponse, recognition_client::RecognitionClient, recognize_request::Picture,
};
use rollcall_tests::{
    http,
    process::Recipe,
    service::{AddressFile, Service},
    wait,
};
use tempfile::TempDir;
use tonic::{Status, transport::Channel};

use crate::assets::asset;

/// How long anything may take that should take seconds.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// A running recogniser.
pub(crate) struct Server {
    pub(crate) service: Service,
    pub(crate) folder: Arc<TempDir>,
}

/// The folder of a recogniser, or of several, and how they are started.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) folder: Arc<TempDir>,
    workers: usize,
    queue: usize,
    variables: Vec<(&'static str, OsString)>,
}

impl Setup {
    /// With so many threads and so many places in the queue, and nobody who is known.
    pub(crate) fn new(workers: usize, queue: usize) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a scratch folder"));
        let setup = Self { folder, workers, queue, variables: Vec::new() };
        for name in ["images", "known_people", "state"] {
            fs::create_dir(setup.inside(name)).expect("a folder");
        }
        dlib::import(&asset("dlib"), &setup.inside("pack"), Precision::Int8)
            .expect("the models can be imported");
        setup
    }

    pub(crate) fn inside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a sample photo a known one.
    pub(crate) fn knows(self, name: &str, photo: &str) -> Self {
        let known = self.inside("known_people").join(name);
        fs::copy(asset("photos").join(photo), known).expect("room for a photo");
        self
    }

    /// Sets a variable; the last one wins.
    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Starts a recogniser, and waits until it is ready.
    pub(crate) async fn start(&self) -> Server {
        let mut server = self.start_loading().await;
        server.service.wait_until_ready(LONG).await.expect("it loads its models");
        server
    }

    /// Starts a recogniser.
    async fn start_loading(&self) -> Server {
        let own = tempfile::Builder::new().prefix("recogniser-").tempdir_in(self.folder.path());
        // It goes with the folder that it lies in.
        let own = own.expect("a scratch folder").keep();
        let inside = |name: &str| self.inside(name);
        let recipe = Recipe {
            name: "face-recognition".to_owned(),
            program: env!("CARGO_BIN_EXE_face-recognition").into(),
            arguments: Vec::new(),
            inherits: false,
            environment: vec![
                ("FACE_RECOGNITION_ADDR", "127.0.0.1:0".into()),
                ("FACE_RECOGNITION_ADMIN_ADDR", "127.0.0.1:0".into()),
                ("IMAGE_ROOT", inside("images").into()),
                ("KNOWN_PEOPLE", inside("known_people").into()),
                ("STATE_DIR", inside("state").into()),
                ("MODEL_PACK", inside("pack").into()),
                ("ONNX_RUNTIME", asset("lib/libonnxruntime.so").into()),
                ("WORKERS", self.workers.to_string().into()),
                ("QUEUE", self.queue.to_string().into()),
            ]
            .into_iter()
            .chain(self.variables.iter().cloned())
            .collect(),
            folder: own.clone(),
            logs: own.clone(),
        };
        let addresses =
            [("--addr-file", "FACE_RECOGNITION_ADDR"), ("--admin-addr-file", "FACE_RECOGNITION_ADMIN_ADDR")]
                .map(|(option, variable)| {
                    let path = own.join(option.trim_start_matches('-'));
                    AddressFile { option, variable, path }
                });
        let service = Service::start(recipe, addresses.into()).await.expect("it listens");
        Server { service, folder: Arc::clone(&self.folder) }
    }
}

impl Server {
    /// One that knows nobody, with so many threads and so many places in the queue.
    pub(crate) async fn start(workers: usize, queue: usize) -> Self {
        Setup::new(workers, queue).start().await
    }

    /// Where gRPC is served.
    pub(crate) fn address(&self) -> SocketAddr {
        self.service.addresses[0]
    }

    /// A client with a connection of its own.
    pub(crate) async fn client(&self) -> Client {
        let channel =
            Channel::from_shared(format!("http://{}", self.address())).expect("an address is a URI");
        Client(RecognitionClient::new(channel.connect().await.expect("it listens")))
    }

    /// The file of this name below the image root.
    pub(crate) fn picture(&self, name: &str) -> PathBuf {
        self.folder.path().join("images").join(name)
    }

    /// Makes `large.png`: a picture of nobody, with which a thread has work for a second or more.
    pub(crate) fn make_large(&self) {
        RgbImage::new(2560, 1600).save(self.picture("large.png")).expect("room for a picture");
    }

    /// Makes `small.png`, with which it has hardly any.
    pub(crate) fn make_small(&self) {
        RgbImage::new(160, 160).save(self.picture("small.png")).expect("room for a picture");
    }

    /// A figure from `/metrics`; one that was never recorded is 0.
    pub(crate) async fn metric(&self, name: &str) -> anyhow::Result<u64> {
        let url = format!("http://{}/metrics", self.service.addresses[1]);
        let text = http::client()?.get(url).send().await?.text().await?;
        let figure = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(figure.unwrap_or("0").parse()?)
    }

    /// Waits until a figure is what it should be.
    pub(crate) async fn metric_becomes(&self, name: &str, expected: u64) {
        let probe = async || match self.metric(name).await {
            Ok(figure) if figure == expected => Ok(()),
            other => Err(format!("{other:?}")),
        };
        wait::until(&format!("{name} to be {expected}"), LONG, probe).await.expect("the figure");
    }
}

/// Sends pictures.
#[derive(Clone)]
pub(crate) struct Client(RecognitionClient<Channel>);

impl Client {
    /// Asks for a picture below the image root.
    pub(crate) async fn path(mut self, path: &str) -> Result<RecognizeResponse, Status> {
        self.0.recognize(request(Picture::ImagePath(path.to_owned()))).await.map(tonic::Response::into_inner)
    }

    /// Sends a picture itself.
    pub(crate) async fn bytes(mut self, bytes: Vec<u8>) -> Result<RecognizeResponse, Status> {
        self.0.recognize(request(Picture::Image(bytes))).await.map(tonic::Response::into_inner)
    }
}

pub(crate) fn request(picture: Picture) -> RecognizeRequest {
    RecognizeRequest { picture: Some(picture) }
}

/// What the server says happened, in the word for programs.
pub(crate) fn error_code(status: &Status) -> Option<&str> {
    status.metadata().get(proto::ERROR_CODE_TRAILER)?.to_str().ok()
}
