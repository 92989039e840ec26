//! The contract's services, as the script says.

use std::{
    future::pending,
    sync::{Arc, Mutex},
};

use proto::{
    Empty, EnrolRequest, EnrolResponse, ForgetRequest, ForgetResponse, HealthCheckResponse, IdentifyRequest,
    IdentifyResponse, ListRequest, ListResponse, MatchRequest, MatchResponse, Neighbours, RecognizeRequest,
    RecognizeResponse, ReloadRequest, ReloadResponse, gallery_server::Gallery,
    health_check_server::HealthCheck, identify_server::Identify, recognition_server::Recognition,
    recognize_request::Picture,
};
use tokio::{sync::watch, time::sleep};
use tonic::{Request, Response, Status};

use super::{
    asked::{self, Calls, InFlight},
    script::{Match, Recognize, Script},
};

pub(super) struct Services {
    script: watch::Sender<Script>,
    calls: Arc<Mutex<Calls>>,
}

impl Services {
    pub(super) fn new(script: watch::Sender<Script>, calls: Arc<Mutex<Calls>>) -> Self {
        Self { script, calls }
    }
}

fn not_in_the_script<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("not in the script"))
}

#[tonic::async_trait]
impl Recognition for Services {
    async fn recognize(
        &self,
        request: Request<RecognizeRequest>,
    ) -> Result<Response<RecognizeResponse>, Status> {
        let asked = match request.into_inner().picture {
            Some(Picture::ImagePath(path)) => path,
            Some(Picture::Image(bytes)) => format!("{} bytes", bytes.len()),
            None => return Err(Status::invalid_argument("there is no picture")),
        };
        let mut script = self.script.subscribe();
        let fatal = script.borrow().fatal_path.as_ref() == Some(&asked);
        let _until_answered = InFlight::begin(&self.calls, asked);
        if fatal {
            asked::lock(&self.calls).deaths += 1;
            pending::<()>().await;
        }
        let delay = script.borrow().delay;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        let says = script.wait_for(|script| !matches!(script.recognize, Recognize::Hangs)).await;
        let says = says.map_err(|_| Status::unavailable("the script is gone"))?;
        match &says.recognize {
            Recognize::Answers(answer) => Ok(Response::new(answer.clone())),
            Recognize::Fails(code) => Err(Status::new(*code, "as the script says")),
            Recognize::Hangs => Err(Status::internal("the script changed its mind")),
        }
    }

    async fn r#match(&self, request: Request<MatchRequest>) -> Result<Response<MatchResponse>, Status> {
        let MatchRequest { model_id, embeddings } = request.into_inner();
        if !embeddings.is_empty() {
            asked::lock(&self.calls).asked.matches.push(embeddings.len());
        }
        let script = self.script.borrow();
        if model_id != script.model_id {
            return Err(Status::failed_precondition("the embeddings are of another model"));
        }
        match &script.matches {
            Match::Answers(nearest) => Ok(Response::new(MatchResponse {
                matches: vec![Neighbours { nearest: nearest.clone() }; embeddings.len()],
                gallery_revision: script.gallery_revision.clone(),
            })),
            Match::Fails(code) => Err(Status::new(*code, "as the script says")),
        }
    }
}

#[tonic::async_trait]
impl HealthCheck for Services {
    async fn health_check(&self, _: Request<Empty>) -> Result<Response<HealthCheckResponse>, Status> {
        asked::lock(&self.calls).pings += 1;
        let mut script = self.script.subscribe();
        let says = script.wait_for(|script| !script.health_hangs).await;
        let says = says.map_err(|_| Status::unavailable("the script is gone"))?;
        Ok(Response::new(HealthCheckResponse { ready: says.healthy }))
    }
}

#[tonic::async_trait]
impl Identify for Services {
    async fn identify(
        &self,
        request: Request<IdentifyRequest>,
    ) -> Result<Response<IdentifyResponse>, Status> {
        asked::lock(&self.calls).asked.identify.push(request.into_inner().image_path);
        match self.script.borrow().best_photo.clone() {
            Some(image_name) => Ok(Response::new(IdentifyResponse { image_name })),
            None => not_in_the_script(),
        }
    }
}

#[tonic::async_trait]
impl Gallery for Services {
    async fn list(&self, _: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        asked::lock(&self.calls).asked.list += 1;
        let mut script = self.script.subscribe();
        let says = script.wait_for(|script| !script.list_hangs).await;
        let says = says.map_err(|_| Status::unavailable("the script is gone"))?;
        match says.photos.clone() {
            Some(photos) => Ok(Response::new(ListResponse {
                photos,
                gallery_revision: says.gallery_revision.clone(),
                model_id: says.model_id.clone(),
            })),
            None => not_in_the_script(),
        }
    }

    async fn enrol(&self, _: Request<EnrolRequest>) -> Result<Response<EnrolResponse>, Status> {
        not_in_the_script()
    }

    async fn forget(&self, _: Request<ForgetRequest>) -> Result<Response<ForgetResponse>, Status> {
        not_in_the_script()
    }

    async fn reload(&self, _: Request<ReloadRequest>) -> Result<Response<ReloadResponse>, Status> {
        not_in_the_script()
    }
}
