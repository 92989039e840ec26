//! `Gallery`: the known photos. They are changed by changing the folder; this server only lists them.

use proto::{
    EnrolRequest, EnrolResponse, ForgetRequest, ForgetResponse, ListRequest, ListResponse, ReloadRequest,
    ReloadResponse, gallery_server::Gallery,
};
use tonic::{Request, Response, Status};

use super::Services;
use crate::gallery::KnownPhoto;

#[tonic::async_trait]
impl Gallery for Services {
    async fn list(&self, _request: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        let recogniser = self.recogniser.get()?;
        Ok(Response::new(ListResponse {
            photos: recogniser.gallery.photos().iter().map(photo_message).collect(),
            gallery_revision: recogniser.gallery.revision().to_owned(),
            model_id: recogniser.model_id.clone(),
        }))
    }

    async fn enrol(&self, _request: Request<EnrolRequest>) -> Result<Response<EnrolResponse>, Status> {
        Err(folder_only())
    }

    async fn forget(&self, _request: Request<ForgetRequest>) -> Result<Response<ForgetResponse>, Status> {
        Err(folder_only())
    }

    async fn reload(&self, _request: Request<ReloadRequest>) -> Result<Response<ReloadResponse>, Status> {
        Err(folder_only())
    }
}

fn folder_only() -> Status {
    Status::unimplemented("change the files in KNOWN_PEOPLE and start the recogniser again")
}

fn photo_message(photo: &KnownPhoto) -> proto::KnownPhoto {
    proto::KnownPhoto {
        photo: photo.name.clone(),
        content_hash: photo.content_hash.to_vec(),
        skipped: photo.face.as_ref().err().cloned().unwrap_or_default(),
    }
}
