//! The gRPC client of face-recognition. Asks `Recognize`; a server of the older contract, which knows only
//! `Identify`, is asked that instead. Of several recognisers each call is asked of the least busy one.

mod answer;
mod balancer;
mod discovery;
mod endpoints;
mod failure;
mod source;

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use picture_path::PicturePath;
use proto::{
    IdentifyRequest, ListRequest, RecognizeRequest, gallery_client::GalleryClient,
    identify_client::IdentifyClient, recognition_client::RecognitionClient, recognize_request::Picture,
};
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Status, transport::Channel};

pub(crate) use self::{
    answer::{Answer, Recognition, RecognizedFace},
    endpoints::EndpointView,
    failure::Failure,
    source::RecognitionSource,
};
use self::{balancer::Balancer, endpoints::CallEnd};
use crate::retry::Blame;

/// Recognisers that are asked about one picture at most, where those before could not begin.
const TRIES: usize = 3;

/// The recognisers, asked as if they were one.
#[derive(Debug, Clone)]
pub(crate) struct Recognizer {
    source: RecognitionSource,
    balancer: Balancer,
    call_timeout: Duration,
    image_root: PathBuf,
}

impl Recognizer {
    /// Those of a list are known at once; others are found while [`attend`](Self::attend) runs.
    pub(crate) fn new(source: RecognitionSource, call_timeout: Duration, image_root: PathBuf) -> Self {
        let balancer = Balancer::new();
        if let RecognitionSource::List(addresses) = &source {
            balancer.set(addresses);
        }
        Self { source, balancer, call_timeout, image_root }
    }

    /// Finds the recognisers, and brings those back that were put aside and are well again. Ends only with an error.
    pub(crate) async fn attend(&self) -> anyhow::Error {
        tokio::select! {
            error = discovery::follow(&self.source, |addresses| self.balancer.set(addresses)) => error,
            () = self.balancer.readmit() => unreachable!("readmitting has no end"),
        }
    }

    /// Who may be in this picture.
    pub(crate) async fn recognize(&self, path: &PicturePath) -> Result<Answer, Failure> {
        self.ask(|channel| self.recognize_at(channel, path)).await
    }

    async fn recognize_at(&self, channel: Channel, path: &PicturePath) -> Result<Answer, Failure> {
        let request = RecognizeRequest { picture: Some(Picture::ImagePath(path.to_string())) };
        let mut client = RecognitionClient::new(channel.clone())
            .max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
            .max_encoding_message_size(proto::MAX_MESSAGE_BYTES);
        match client.recognize(request).await {
            Ok(response) => Answer::from_response(response.into_inner()),
            Err(status) if status.code() == Code::Unimplemented => self.identify_at(channel, path).await,
            Err(status) => Err(Failure::from(status)),
        }
    }

    async fn identify_at(&self, channel: Channel, path: &PicturePath) -> Result<Answer, Failure> {
        let image_path = path.absolute(&self.image_root).to_string_lossy().into_owned();
        let answer =
            IdentifyClient::new(channel).identify(IdentifyRequest { image_path }).await?.into_inner();
        Ok(Answer::Photo(Some(answer.image_name).filter(|name| name != proto::NOBODY_MATCHED)))
    }

    /// The file names of the known photos that are searched.
    pub(crate) async fn known_photos(&self) -> Result<Vec<String>, Failure> {
        let list = self.ask(|channel| async {
            let mut client = GalleryClient::new(channel).max_decoding_message_size(proto::MAX_MESSAGE_BYTES);
            Ok(client.list(ListRequest {}).await?.into_inner())
        });
        let photos = list.await?.photos.into_iter();
        Ok(photos.filter(|photo| photo.skipped.is_empty()).map(|photo| photo.photo).collect())
    }

    /// Whether any recogniser would answer now; if none, why, in words for people.
    pub(crate) async fn health(&self) -> Result<(), String> {
        self.balancer.any_healthy().await.map_err(|error| format!("{error} (RECOGNITION is {})", self.source))
    }

    /// Whether the very recogniser that failed would answer now.
    pub(crate) async fn is_healthy_after(&self, failure: &Failure) -> bool {
        match &failure.recogniser {
            Some(address) => self.balancer.is_healthy(address).await,
            None => false,
        }
    }

    /// Each recogniser and how it stands.
    pub(crate) fn endpoints(&self) -> Vec<EndpointView> {
        self.balancer.view()
    }

    /// Makes the call, of another recogniser where one cannot begin with it. Our own deadline is for all of that: tonic's
    /// client timeout would report it as Cancelled, like a connection that was lost.
    async fn ask<T, F>(&self, call: impl Fn(Channel) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let deadline = Instant::now() + self.call_timeout;
        let mut passed_over = BTreeSet::new();
        let mut refusal = None;
        while passed_over.len() < TRIES
            && let Some(begun) = self.balancer.call(&passed_over).await
        {
            let answer = match timeout_at(deadline, call(begun.channel())).await {
                Ok(answer) => answer,
                Err(_) => Err(self.late()),
            };
            let address = begun.address().clone();
            begun.end(end_of(answer.as_ref().err()));
            match answer {
                Err(failure) if failure.blame.is_refusal() => {
                    passed_over.insert(address.clone());
                    refusal = Some(Failure { recogniser: Some(address), ..failure });
                }
                ended => return ended.map_err(|failure| Failure { recogniser: Some(address), ..failure }),
            }
        }
        Err(refusal.unwrap_or_else(|| Failure::nobody_there(&self.source)))
    }

    fn late(&self) -> Failure {
        let waited = self.call_timeout.as_secs_f32();
        Failure::from(Status::deadline_exceeded(format!("no answer from the recogniser within {waited} s")))
    }
}

fn end_of(failure: Option<&Failure>) -> CallEnd {
    match failure.map(|failure| failure.blame) {
        None | Some(Blame::Image | Blame::Busy) => CallEnd::Answered,
        Some(Blame::Attempt | Blame::Loss | Blame::Outage | Blame::Unready) => CallEnd::Failed,
    }
}

#[cfg(test)]
mod tests;
