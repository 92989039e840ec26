//! The gRPC client of face-recognition. Asks `Recognize`; a server of the older contract, which knows only
//! `Identify`, is asked that instead.

mod failure;

use std::{path::PathBuf, time::Duration};

use picture_path::PicturePath;
use proto::{
    IdentifyRequest, ListRequest, RecognizeRequest, gallery_client::GalleryClient,
    health_check_client::HealthCheckClient, identify_client::IdentifyClient,
    recognition_client::RecognitionClient, recognize_request::Picture,
};
use tokio::time::timeout;
use tonic::{
    Code, Response, Status,
    transport::{Channel, Endpoint, Uri},
};

pub(crate) use failure::Failure;

use crate::decision::{Neighbour, Thresholds};

/// Of a model and of a gallery revision, in bytes: the width of their columns.
const LONGEST_NAME: usize = 64;
/// In numbers; models have some hundreds, the column holds 16,383.
const LONGEST_EMBEDDING: usize = 4096;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Healthy is who says so at once.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// What the recogniser says of a picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// Every face, with what is needed to decide.
    Faces(Recognition),
    /// Of a recogniser of the older contract: the best known photo, if anybody is matched.
    Photo(Option<String>),
}

/// The faces of a picture, under one model and one gallery.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recognition {
    pub(crate) faces: Vec<RecognizedFace>,
    pub(crate) thresholds: Thresholds,
    pub(crate) model_id: String,
    pub(crate) gallery_revision: String,
}

/// One face, as the contract describes it. Boxes and landmarks are in pixels of the picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecognizedFace {
    pub(crate) bounds: proto::Box,
    pub(crate) score: f32,
    pub(crate) landmarks: Vec<proto::Point>,
    pub(crate) quality: proto::Quality,
    pub(crate) embedding: Vec<f32>,
    pub(crate) nearest: Vec<Neighbour>,
}

/// One recogniser; connects when it is first asked and again by itself.
#[derive(Debug, Clone)]
pub(crate) struct Recognizer {
    channel: Channel,
    /// For questions about health alone: they must not wait behind calls that hang.
    health_channel: Channel,
    call_timeout: Duration,
    image_root: PathBuf,
}

impl Recognizer {
    pub(crate) fn new(address: Uri, call_timeout: Duration, image_root: PathBuf) -> Self {
        let endpoint = Endpoint::from(address).connect_timeout(CONNECT_TIMEOUT).tcp_nodelay(true);
        let (channel, health_channel) = (endpoint.connect_lazy(), endpoint.connect_lazy());
        Self { channel, health_channel, call_timeout, image_root }
    }

    /// Who may be in this picture.
    pub(crate) async fn recognize(&self, path: &PicturePath) -> Result<Answer, Failure> {
        let request = RecognizeRequest { picture: Some(Picture::ImagePath(path.to_string())) };
        let mut client = RecognitionClient::new(self.channel.clone())
            .max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
            .max_encoding_message_size(proto::MAX_MESSAGE_BYTES);
        match within(self.call_timeout, client.recognize(request)).await {
            Ok(response) => Answer::from_response(response),
            Err(status) if status.code() == Code::Unimplemented => self.identify(path).await,
            Err(status) => Err(Failure::from(status)),
        }
    }

    async fn identify(&self, path: &PicturePath) -> Result<Answer, Failure> {
        let image_path = path.absolute(&self.image_root).to_string_lossy().into_owned();
        let mut client = IdentifyClient::new(self.channel.clone());
        let answer = within(self.call_timeout, client.identify(IdentifyRequest { image_path })).await?;
        Ok(Answer::Photo(Some(answer.image_name).filter(|name| name != proto::NOBODY_MATCHED)))
    }

    /// The file names of the known photos that are searched.
    pub(crate) async fn known_photos(&self) -> Result<Vec<String>, Failure> {
        let mut client =
            GalleryClient::new(self.channel.clone()).max_decoding_message_size(proto::MAX_MESSAGE_BYTES);
        let list = within(self.call_timeout, client.list(ListRequest {})).await?;
        Ok(list
            .photos
            .into_iter()
            .filter(|photo| photo.skipped.is_empty())
            .map(|photo| photo.photo)
            .collect())
    }

    /// Whether the recogniser would answer now; if not, why, in words for people.
    pub(crate) async fn health(&self) -> Result<(), String> {
        let mut client = HealthCheckClient::new(self.health_channel.clone());
        match within(HEALTH_TIMEOUT, client.health_check(proto::Empty {})).await {
            Ok(response) if response.ready => Ok(()),
            Ok(_) => Err("the recogniser is not ready".to_owned()),
            Err(status) => Err(format!("the recogniser does not answer: {}", Failure::from(status))),
        }
    }
}

/// Our own deadline. Tonic's client timeout would report it as Cancelled, like a connection that was lost.
async fn within<T>(
    budget: Duration,
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    match timeout(budget, call).await {
        Ok(result) => result.map(Response::into_inner),
        Err(_) => {
            let waited = budget.as_secs_f32();
            Err(Status::deadline_exceeded(format!("no answer from the recogniser within {waited} s")))
        }
    }
}

impl Answer {
    /// Checks what the contract promises, so that what follows can rely on it: an answer that breaks it is a fault of
    /// the recogniser.
    fn from_response(response: proto::RecognizeResponse) -> Result<Self, Failure> {
        let thresholds =
            response.thresholds.ok_or_else(|| Failure::contract("the answer has no thresholds"))?;
        for name in [&response.model_id, &response.gallery_revision] {
            if name.is_empty() || name.len() > LONGEST_NAME {
                return Err(Failure::contract("the answer names no model or no gallery, or one too long"));
            }
        }
        let faces = response.faces.into_iter().map(RecognizedFace::from_message).collect::<Result<_, _>>()?;
        Ok(Self::Faces(Recognition {
            faces,
            thresholds: Thresholds {
                accept: thresholds.accept,
                unknown: thresholds.unknown,
                margin: thresholds.margin,
            },
            model_id: response.model_id,
            gallery_revision: response.gallery_revision,
        }))
    }
}

impl RecognizedFace {
    fn from_message(face: proto::Face) -> Result<Self, Failure> {
        let bounds = face.r#box.ok_or_else(|| Failure::contract("a face has no box"))?;
        let mut numbers = face.nearest.iter().map(|near| near.distance).chain([face.score]);
        if !numbers.all(f32::is_finite) || face.embedding.len() > LONGEST_EMBEDDING {
            return Err(Failure::contract(
                "a face has a score or distance that is no number, or too long an embedding",
            ));
        }
        let nearest = face
            .nearest
            .into_iter()
            .map(|near| Neighbour { photo: near.photo, distance: near.distance })
            .collect();
        Ok(Self {
            bounds,
            score: face.score,
            landmarks: face.landmarks,
            quality: face.quality.unwrap_or_default(),
            embedding: face.embedding,
            nearest,
        })
    }
}
