//! A gallery that does what a test wrote down: faults that a real recogniser does not show when asked to.

use std::{
    collections::BTreeMap,
    future::pending,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use proto::{
    Empty, EnrolRequest, EnrolResponse, ForgetRequest, ForgetResponse, HealthCheckResponse, KnownPhoto,
    ListRequest, ListResponse, Neighbour, ReloadRequest, ReloadResponse,
    gallery_server::{self, GalleryServer},
    health_check_server::{HealthCheck, HealthCheckServer},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::{
    Code, Request, Response, Status,
    transport::{Server, Uri, server::TcpIncoming},
};

/// What it does with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// What a recogniser does.
    Well,
    /// It refuses, with this error code.
    Refuses(Code, &'static str),
    /// It makes the change and never says so.
    DoesAndHangs,
    /// It never does anything.
    Hangs,
}

/// What it knows and does.
#[derive(Debug)]
pub(crate) struct Script {
    /// The photos by their names.
    pub(crate) photos: BTreeMap<String, Vec<u8>>,
    /// What it does with changes.
    pub(crate) changes: Answers,
    /// What it does when a photo is to be forgotten, where that is something else.
    pub(crate) forgets: Option<Answers>,
    /// What it does when it is asked for the list.
    pub(crate) list: Answers,
    /// What it does when it is asked how it is.
    pub(crate) health: Answers,
    /// What every new face looks like.
    pub(crate) resembles: Vec<(&'static str, f32)>,
    /// The token that it wants.
    pub(crate) token: Option<&'static str>,
}

/// A server on a loopback port; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct ScriptedGallery {
    uri: Uri,
    script: Arc<Mutex<Script>>,
    serving: JoinHandle<()>,
}

struct Service(Arc<Mutex<Script>>);

impl ScriptedGallery {
    /// Knows these photos and does what a recogniser does.
    pub(crate) async fn start(photos: &[&str]) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let uri = format!("http://{}", listener.local_addr()?).parse()?;
        let script = Arc::new(Mutex::new(Script {
            photos: photos.iter().map(|photo| ((*photo).to_owned(), photo.as_bytes().to_vec())).collect(),
            changes: Answers::Well,
            forgets: None,
            list: Answers::Well,
            health: Answers::Well,
            resembles: Vec::new(),
            token: None,
        }));
        let service = Arc::new(Service(Arc::clone(&script)));
        let gallery =
            GalleryServer::from_arc(Arc::clone(&service)).max_decoding_message_size(proto::MAX_MESSAGE_BYTES);
        let server = Server::builder().add_service(gallery).add_service(HealthCheckServer::from_arc(service));
        let serving = tokio::spawn(async move {
            server.serve_with_incoming(TcpIncoming::from(listener)).await.expect("a loopback port serves");
        });
        Ok(Self { uri, script, serving })
    }

    pub(crate) fn uri(&self) -> Uri {
        self.uri.clone()
    }

    /// What it knows and does, to be looked at and changed.
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }

    pub(crate) fn photos(&self) -> Vec<String> {
        self.script().photos.keys().cloned().collect()
    }
}

impl Drop for ScriptedGallery {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

fn status(code: Code, error_code: &'static str, message: &str) -> Status {
    let mut status = Status::new(code, message);
    status.metadata_mut().insert(proto::ERROR_CODE_TRAILER, error_code.parse().expect("plain ASCII"));
    status
}

impl Service {
    async fn change<T>(
        &self,
        request: Request<T>,
        answers: impl FnOnce(&Script) -> Answers + Send,
        make: impl FnOnce(&mut Script, T) -> Result<(), Status> + Send,
    ) -> Result<(), Status> {
        let told =
            request.metadata().get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let message = request.into_inner();
        let hangs = {
            let mut script = lock(&self.0);
            if script.token.is_some_and(|token| told != Some(format!("Bearer {token}"))) {
                return Err(status(Code::Unauthenticated, "token_missing", "send the token"));
            }
            match answers(&script) {
                Answers::Well => make(&mut script, message).map(|()| false)?,
                Answers::DoesAndHangs => make(&mut script, message).map(|()| true)?,
                Answers::Refuses(code, error_code) => {
                    return Err(status(code, error_code, "as the script says"));
                }
                Answers::Hangs => true,
            }
        };
        if hangs { pending().await } else { Ok(()) }
    }
}

#[tonic::async_trait]
impl gallery_server::Gallery for Service {
    async fn enrol(&self, request: Request<EnrolRequest>) -> Result<Response<EnrolResponse>, Status> {
        self.change(
            request,
            |script| script.changes,
            |script, EnrolRequest { photo, image }| {
                if let Some((known, _)) = script.photos.iter().find(|(_, bytes)| **bytes == image) {
                    let detail = format!("it is known as {known}");
                    return Err(status(Code::AlreadyExists, "photo_known", &detail));
                }
                if script.photos.contains_key(&photo) {
                    return Err(status(Code::AlreadyExists, "name_taken", "another photo has this name"));
                }
                script.photos.insert(photo, image);
                Ok(())
            },
        )
        .await?;
        let near = lock(&self.0).resembles.clone().into_iter();
        let resembles =
            near.map(|(photo, distance)| Neighbour { photo: photo.to_owned(), distance }).collect();
        Ok(Response::new(EnrolResponse { resembles, ..EnrolResponse::default() }))
    }

    async fn forget(&self, request: Request<ForgetRequest>) -> Result<Response<ForgetResponse>, Status> {
        let answers = |script: &Script| script.forgets.unwrap_or(script.changes);
        self.change(request, answers, |script, ForgetRequest { photo }| {
            let missing = || status(Code::NotFound, "photo_missing", "no known photo has this name");
            script.photos.remove(&photo).map(drop).ok_or_else(missing)
        })
        .await?;
        Ok(Response::new(ForgetResponse::default()))
    }

    async fn list(&self, _: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        let says = lock(&self.0).list;
        match says {
            Answers::Hangs | Answers::DoesAndHangs => pending().await,
            Answers::Refuses(code, error_code) => return Err(status(code, error_code, "as the script says")),
            Answers::Well => {}
        }
        let known = |photo: &String| {
            let skipped = if photo.starts_with("bad") { "nobody is seen in it" } else { "" };
            KnownPhoto { photo: photo.clone(), skipped: skipped.to_owned(), ..KnownPhoto::default() }
        };
        let photos = lock(&self.0).photos.keys().map(known).collect();
        Ok(Response::new(ListResponse {
            photos,
            gallery_revision: "r1".to_owned(),
            model_id: "m".to_owned(),
        }))
    }

    async fn reload(&self, _: Request<ReloadRequest>) -> Result<Response<ReloadResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }
}

#[tonic::async_trait]
impl HealthCheck for Service {
    async fn health_check(&self, _: Request<Empty>) -> Result<Response<HealthCheckResponse>, Status> {
        let says = lock(&self.0).health;
        match says {
            Answers::Hangs | Answers::DoesAndHangs => pending().await,
            Answers::Refuses(code, error_code) => Err(status(code, error_code, "as the script says")),
            Answers::Well => Ok(Response::new(HealthCheckResponse { ready: true })),
        }
    }
}
