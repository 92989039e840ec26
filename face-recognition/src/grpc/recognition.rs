//! `Recognize` and `Match`: faces and their nearest known photos.

use picture_path::PicturePath;
use proto::{
    MatchRequest, MatchResponse, Neighbours, RecognizeRequest, RecognizeResponse,
    recognition_server::Recognition, recognize_request::Picture,
};
use tonic::{Request, Response, Status};

use super::Services;
use crate::{
    engine::{Embedding, Face},
    error::RecognitionError,
    gallery::Gallery,
    pack::Thresholds,
    workers::PictureSource,
};

#[tonic::async_trait]
impl Recognition for Services {
    async fn recognize(
        &self,
        request: Request<RecognizeRequest>,
    ) -> Result<Response<RecognizeResponse>, Status> {
        let source = match request.into_inner().picture {
            Some(Picture::ImagePath(path)) => PictureSource::Path(
                PicturePath::parse(&path, &self.image_root).map_err(RecognitionError::from)?,
            ),
            Some(Picture::Image(bytes)) => PictureSource::Bytes(bytes),
            None => return Err(RecognitionError::NoPicture.into()),
        };
        let recogniser = self.recogniser.get()?;
        let sighting = recogniser.look(source).await?;
        Ok(Response::new(RecognizeResponse {
            faces: sighting.faces.iter().map(|face| face_message(face, &recogniser.gallery)).collect(),
            model_id: recogniser.model_id.clone(),
            thresholds: Some(thresholds_message(recogniser.thresholds)),
            gallery_revision: recogniser.gallery.revision().to_owned(),
            width: sighting.width,
            height: sighting.height,
        }))
    }

    async fn r#match(&self, request: Request<MatchRequest>) -> Result<Response<MatchResponse>, Status> {
        let MatchRequest { model_id, embeddings } = request.into_inner();
        let recogniser = self.recogniser.get()?;
        if model_id != recogniser.model_id {
            let ours = &recogniser.model_id;
            return Err(Status::failed_precondition(format!(
                "the embeddings are of {model_id}, the model here is {ours}"
            )));
        }
        let matches = embeddings
            .into_iter()
            .map(|embedding| Neighbours {
                nearest: nearest_messages(&Embedding::new(embedding.values), &recogniser.gallery),
            })
            .collect();
        let gallery_revision = recogniser.gallery.revision().to_owned();
        Ok(Response::new(MatchResponse { matches, gallery_revision }))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a pixel's place needs no more than single precision")]
fn face_message(face: &Face, gallery: &Gallery) -> proto::Face {
    let (bounds, quality) = (face.bounds, face.quality);
    proto::Face {
        r#box: Some(proto::Box {
            left: bounds.left,
            top: bounds.top,
            width: bounds.width.unsigned_abs(),
            height: bounds.height.unsigned_abs(),
        }),
        score: face.score,
        landmarks: face.landmarks.map(|point| proto::Point { x: point.x as f32, y: point.y as f32 }).to_vec(),
        quality: Some(proto::Quality {
            size: quality.size,
            sharpness: quality.sharpness,
            brightness: quality.brightness,
            roll: quality.roll,
            yaw: quality.yaw,
        }),
        embedding: face.embedding.as_slice().to_vec(),
        nearest: nearest_messages(&face.embedding, gallery),
    }
}

fn nearest_messages(face: &Embedding, gallery: &Gallery) -> Vec<proto::Neighbour> {
    let neighbours = gallery.nearest(face).into_iter();
    neighbours
        .map(|near| proto::Neighbour { photo: near.photo.to_owned(), distance: near.distance })
        .collect()
}

fn thresholds_message(thresholds: Thresholds) -> proto::Thresholds {
    let Thresholds { accept, unknown, margin } = thresholds;
    proto::Thresholds { accept, unknown, margin }
}
