//! `Gallery`: the known photos. Whoever changes them has to be allowed to.

use proto::{
    EnrolRequest, EnrolResponse, ForgetRequest, ForgetResponse, ListRequest, ListResponse, ReloadRequest,
    ReloadResponse, gallery_server::Gallery,
};
use service_kit::bearer::Denied;
use tonic::{Code, Request, Response, Status};

use super::{Services, recognition::neighbour_message};
use crate::{
    error,
    gallery::{KnownPhoto, enrolment::PhotoName},
};

#[tonic::async_trait]
impl Gallery for Services {
    async fn enrol(&self, request: Request<EnrolRequest>) -> Result<Response<EnrolResponse>, Status> {
        self.admit(&request)?;
        let EnrolRequest { photo, image } = request.into_inner();
        let name = PhotoName::parse(photo)?;
        let enrolled = self.recogniser.get()?.enrol(name.clone(), image).await?;
        Ok(Response::new(EnrolResponse {
            photo: enrolled.gallery.photo(name.as_str()).map(photo_message),
            gallery_revision: enrolled.gallery.revision().to_owned(),
            resembles: enrolled.resembling().into_iter().map(neighbour_message).collect(),
        }))
    }

    async fn forget(&self, request: Request<ForgetRequest>) -> Result<Response<ForgetResponse>, Status> {
        self.admit(&request)?;
        let gallery = self.recogniser.get()?.known_photos.forget(request.into_inner().photo).await?;
        Ok(Response::new(ForgetResponse { gallery_revision: gallery.revision().to_owned() }))
    }

    async fn list(&self, _request: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        let recogniser = self.recogniser.get()?;
        let gallery = recogniser.gallery();
        Ok(Response::new(ListResponse {
            photos: gallery.photos().iter().map(photo_message).collect(),
            gallery_revision: gallery.revision().to_owned(),
            model_id: recogniser.model_id.clone(),
        }))
    }

    async fn reload(&self, request: Request<ReloadRequest>) -> Result<Response<ReloadResponse>, Status> {
        self.admit(&request)?;
        let gallery = self.recogniser.get()?.known_photos.reload().await?;
        Ok(Response::new(ReloadResponse { gallery_revision: gallery.revision().to_owned() }))
    }
}

impl Services {
    /// Whether the caller may change the known photos.
    fn admit<T>(&self, request: &Request<T>) -> Result<(), Status> {
        let authorization = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
        self.access.admit(authorization).map_err(|denied| {
            let (code, error_code) = match denied {
                Denied::NotLocal => (Code::PermissionDenied, "not_local"),
                Denied::TokenMissing => (Code::Unauthenticated, "token_missing"),
            };
            error::status(code, error_code, denied.to_string())
        })
    }
}

fn photo_message(photo: &KnownPhoto) -> proto::KnownPhoto {
    proto::KnownPhoto {
        photo: photo.name.clone(),
        content_hash: photo.content_hash.to_vec(),
        skipped: photo.skipped.clone().unwrap_or_default(),
    }
}
