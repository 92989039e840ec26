//! A recogniser that answers what the test wrote down: faults that a real one does not show when asked to. It keeps
//! what it was asked.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use proto::{
    Empty, EnrolRequest, EnrolResponse, ForgetRequest, ForgetResponse, HealthCheckResponse, IdentifyRequest,
    IdentifyResponse, KnownPhoto, ListRequest, ListResponse, MatchRequest, MatchResponse, RecognizeRequest,
    RecognizeResponse, ReloadRequest, ReloadResponse,
    gallery_server::{Gallery, GalleryServer},
    health_check_server::{HealthCheck, HealthCheckServer},
    identify_server::{Identify, IdentifyServer},
    recognition_server::{Recognition, RecognitionServer},
    recognize_request::Picture,
};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use tonic::{
    Code, Request, Response, Status,
    transport::{Server, Uri, server::TcpIncoming},
};

/// What `Recognize` does, each time.
#[derive(Debug)]
pub(super) enum Recognize {
    Answers(RecognizeResponse),
    Fails(Code),
    NeverAnswers,
    AnswersAfter(Duration, RecognizeResponse),
}

/// What the recogniser says.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) recognize: Recognize,
    /// What it says of its health.
    pub(super) healthy: bool,
    /// The answer of `Identify`.
    pub(super) best_photo: &'static str,
    /// The answer of `List`; `None` where it is not implemented.
    pub(super) photos: Option<Vec<KnownPhoto>>,
}

/// What the recogniser was asked.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// The paths of `Recognize`.
    pub(super) recognize: Vec<String>,
    /// The paths of `Identify`.
    pub(super) identify: Vec<String>,
    /// The calls of `List`.
    pub(super) list: usize,
}

/// A running server; it ends when it is dropped.
pub(super) struct ScriptedRecogniser {
    pub(super) uri: Uri,
    asked: Arc<Mutex<Asked>>,
    _serving: AbortOnDropHandle<Result<(), tonic::transport::Error>>,
}

impl ScriptedRecogniser {
    pub(super) fn start(script: Script) -> anyhow::Result<Self> {
        let incoming = TcpIncoming::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let uri = format!("http://{}", incoming.local_addr()?).parse()?;
        let asked = Arc::new(Mutex::new(Asked::default()));
        let services = Arc::new(Services { script, asked: Arc::clone(&asked) });
        let server = Server::builder()
            .add_service(RecognitionServer::from_arc(Arc::clone(&services)))
            .add_service(IdentifyServer::from_arc(Arc::clone(&services)))
            .add_service(HealthCheckServer::from_arc(Arc::clone(&services)))
            .add_service(GalleryServer::from_arc(services));
        let serving = tokio::spawn(server.serve_with_incoming(incoming));
        Ok(Self { uri, asked, _serving: AbortOnDropHandle::new(serving) })
    }

    pub(super) fn asked(&self) -> Asked {
        self.asked.lock().unwrap().clone()
    }
}

struct Services {
    script: Script,
    asked: Arc<Mutex<Asked>>,
}

impl Services {
    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap()
    }
}

#[tonic::async_trait]
impl Recognition for Services {
    async fn recognize(
        &self,
        request: Request<RecognizeRequest>,
    ) -> Result<Response<RecognizeResponse>, Status> {
        let Some(Picture::ImagePath(path)) = request.into_inner().picture else {
            return Err(Status::invalid_argument("the worker names a path"));
        };
        self.asked().recognize.push(path);
        match &self.script.recognize {
            Recognize::Answers(answer) => Ok(Response::new(answer.clone())),
            Recognize::Fails(code) => Err(Status::new(*code, "as the script says")),
            Recognize::NeverAnswers => std::future::pending().await,
            Recognize::AnswersAfter(delay, answer) => {
                sleep(*delay).await;
                Ok(Response::new(answer.clone()))
            }
        }
    }

    async fn r#match(&self, _: Request<MatchRequest>) -> Result<Response<MatchResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }
}

#[tonic::async_trait]
impl Identify for Services {
    async fn identify(
        &self,
        request: Request<IdentifyRequest>,
    ) -> Result<Response<IdentifyResponse>, Status> {
        self.asked().identify.push(request.into_inner().image_path);
        Ok(Response::new(IdentifyResponse { image_name: self.script.best_photo.to_owned() }))
    }
}

#[tonic::async_trait]
impl HealthCheck for Services {
    async fn health_check(&self, _: Request<Empty>) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse { ready: self.script.healthy }))
    }
}

#[tonic::async_trait]
impl Gallery for Services {
    async fn list(&self, _: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        self.asked().list += 1;
        let photos = self.script.photos.clone().ok_or_else(|| Status::unimplemented("no gallery"))?;
        Ok(Response::new(ListResponse { photos, ..ListResponse::default() }))
    }

    async fn enrol(&self, _: Request<EnrolRequest>) -> Result<Response<EnrolResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn forget(&self, _: Request<ForgetRequest>) -> Result<Response<ForgetResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn reload(&self, _: Request<ReloadRequest>) -> Result<Response<ReloadResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }
}
