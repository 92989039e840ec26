//! `Identify`: the name of one known photo, for older clients.

use picture_path::PicturePath;
use proto::{IdentifyRequest, IdentifyResponse, identify_server::Identify};
use tonic::{Request, Response, Status};

use super::Services;
use crate::{error::RecognitionError, workers::PictureSource};

#[tonic::async_trait]
impl Identify for Services {
    async fn identify(
        &self,
        request: Request<IdentifyRequest>,
    ) -> Result<Response<IdentifyResponse>, Status> {
        let path = PicturePath::parse(&request.into_inner().image_path, &self.image_root)
            .map_err(RecognitionError::from)?;
        let recogniser = self.recogniser.get()?;
        let gallery = recogniser.gallery();
        let sighting = recogniser.look(PictureSource::Path(path)).await?;
        let best_photo = recogniser.best_photo(&sighting.faces, &gallery);
        Ok(Response::new(IdentifyResponse {
            image_name: best_photo.unwrap_or(proto::NOBODY_MATCHED).to_owned(),
        }))
    }
}
