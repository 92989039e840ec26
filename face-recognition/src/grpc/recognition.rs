//! `Recognize` and `Match`: faces and their nearest known photos.

use identification::Thresholds;
use picture_path::PicturePath;
use proto::{
    MatchRequest, MatchResponse, Neighbours, RecognizeRequest, RecognizeResponse,
    recognition_server::Recognition, recognize_request::Picture,
};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::Services;
use crate::{
    engine::{Embedding, Face, quality::Shortcoming},
    error::RecognitionError,
    gallery::{Gallery, Neighbour},
    pack::QualityLimits,
    recogniser::Recogniser,
    workers::PictureSource,
};

/// Embeddings of one request to `Match`.
const MATCH_AT_MOST: usize = 10_000;

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
        let gallery = recogniser.gallery();
        let sighting = recogniser.look(source).await?;
        Ok(Response::new(RecognizeResponse {
            faces: sighting.faces.iter().map(|face| face_message(face, recogniser, &gallery)).collect(),
            model_id: recogniser.model_id.clone(),
            thresholds: Some(thresholds_message(recogniser.thresholds)),
            gallery_revision: gallery.revision().to_owned(),
            width: sighting.width,
            height: sighting.height,
            quality_limits: Some(limits_message(recogniser.quality_limits)),
        }))
    }

    async fn r#match(&self, request: Request<MatchRequest>) -> Result<Response<MatchResponse>, Status> {
        let MatchRequest { model_id, embeddings } = request.into_inner();
        let ours = &self.recogniser.get()?.model_id;
        if model_id != *ours {
            return Err(Status::failed_precondition(format!(
                "the embeddings are of the model {model_id}, here is {ours}"
            )));
        }
        if embeddings.len() > MATCH_AT_MOST {
            return Err(Status::invalid_argument(format!("send at most {MATCH_AT_MOST} embeddings at once")));
        }
        let slot = self.recogniser.clone();
        let left = CancellationToken::new();
        // Dropped with this call when its caller leaves or its time is over.
        let _leaving = left.clone().drop_guard();
        let matching = move || slot.get().map(|recogniser| match_all(embeddings, recogniser, &left));
        let response = spawn_blocking(matching).await;
        Ok(Response::new(response.map_err(|_| RecognitionError::Panicked)??))
    }
}

/// Those that come after the caller `left` are not searched: nobody hears of them.
fn match_all(
    embeddings: Vec<proto::Embedding>,
    recogniser: &Recogniser,
    left: &CancellationToken,
) -> MatchResponse {
    let gallery = recogniser.gallery();
    let matches = embeddings
        .into_iter()
        .take_while(|_| !left.is_cancelled())
        .map(|embedding| Neighbours {
            nearest: nearest_messages(&Embedding::new(embedding.values), recogniser, &gallery),
        })
        .collect();
    MatchResponse { matches, gallery_revision: gallery.revision().to_owned() }
}

#[expect(clippy::cast_possible_truncation, reason = "a pixel's place needs no more than single precision")]
fn face_message(face: &Face, recogniser: &Recogniser, gallery: &Gallery) -> proto::Face {
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
            missed: quality
                .shortcomings(&recogniser.quality_limits)
                .into_iter()
                .map(|shortcoming| missed_message(shortcoming).into())
                .collect(),
        }),
        embedding: face.embedding.as_slice().to_vec(),
        nearest: nearest_messages(&face.embedding, recogniser, gallery),
    }
}

fn nearest_messages(face: &Embedding, recogniser: &Recogniser, gallery: &Gallery) -> Vec<proto::Neighbour> {
    recogniser.nearest(face, gallery).into_iter().map(neighbour_message).collect()
}

pub(super) fn neighbour_message(near: Neighbour<'_>) -> proto::Neighbour {
    proto::Neighbour { photo: near.photo.to_owned(), distance: near.distance }
}

fn missed_message(shortcoming: Shortcoming) -> proto::QualityLimit {
    match shortcoming {
        Shortcoming::Small => proto::QualityLimit::Size,
        Shortcoming::Blurred => proto::QualityLimit::Sharpness,
        Shortcoming::Dark => proto::QualityLimit::TooDark,
        Shortcoming::Bright => proto::QualityLimit::TooBright,
        Shortcoming::Rolled => proto::QualityLimit::Roll,
        Shortcoming::Averted => proto::QualityLimit::Yaw,
    }
}

fn limits_message(limits: QualityLimits) -> proto::QualityLimits {
    let QualityLimits { size, sharpness, darkest, brightest, roll, yaw } = limits;
    proto::QualityLimits { size, sharpness, darkest, brightest, roll, yaw }
}

fn thresholds_message(thresholds: Thresholds) -> proto::Thresholds {
    let Thresholds { accept, unknown, margin } = thresholds;
    proto::Thresholds { accept, unknown, margin }
}
