//! The gRPC client of face-recognition. Asks `Recognize`; a server of the older contract, which knows only
//! `Identify`, is asked that instead. Of several recognisers each call is asked of the least busy one.

mod answer;
mod balancer;
mod discovery;
mod endpoints;
mod failure;
mod galleries;
mod recognise;
mod source;

use std::{collections::BTreeSet, path::PathBuf, pin::pin, time::Duration};

use proto::{
    IdentifyRequest, ListRequest, RecognizeRequest, gallery_client::GalleryClient,
    identify_client::IdentifyClient, recognition_client::RecognitionClient, recognize_request,
};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status, transport::Channel};

pub use self::{
    answer::{Answer, Recognition, RecognizedFace, Size},
    endpoints::EndpointView,
    failure::Failure,
    galleries::{Gallery, Matches},
    recognise::Recognise,
    source::{Address, RecognitionSource},
};
use self::{balancer::Balancer, endpoints::CallEnd};
use crate::{retry::Blame, sources::Picture};

/// Recognisers that are asked about one picture at most, where those before could not begin.
const TRIES: usize = 3;

/// The photos that a recogniser searches, by their file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPhotos {
    /// Of the gallery that they are.
    pub gallery_revision: String,
    /// Their file names.
    pub names: Vec<String>,
}

/// The recognisers, asked as if they were one.
#[derive(Debug, Clone)]
pub struct Recognizer {
    source: RecognitionSource,
    balancer: Balancer,
    call_timeout: Duration,
    image_root: PathBuf,
}

impl Recognizer {
    /// Those of a list are known at once; others are found while [`attend`](Self::attend) runs.
    #[must_use]
    pub fn new(source: RecognitionSource, call_timeout: Duration, image_root: PathBuf) -> Self {
        let balancer = Balancer::new();
        if let RecognitionSource::List(addresses) = &source {
            balancer.set(addresses);
        }
        Self { source, balancer, call_timeout, image_root }
    }

    /// Finds the recognisers, and brings those back that were put aside and are well again. Ends only with an error.
    pub async fn attend(&self) -> anyhow::Error {
        tokio::select! {
            error = discovery::follow(&self.source, |addresses| self.balancer.set(addresses)) => error,
            () = self.balancer.readmit() => unreachable!("readmitting has no end"),
        }
    }

    /// Who may be in this picture.
    pub async fn recognize(&self, picture: &Picture) -> Result<Answer, Failure> {
        self.ask(|channel| self.recognize_at(channel, picture), end_of_recognition).await
    }

    async fn recognize_at(&self, channel: Channel, picture: &Picture) -> Result<Answer, Failure> {
        let request = RecognizeRequest {
            picture: Some(match picture {
                Picture::File(path) => recognize_request::Picture::ImagePath(path.to_string()),
                Picture::Fetched(fetched) => recognize_request::Picture::Image(fetched.bytes.to_vec()),
            }),
        };
        match recognition_client(channel.clone()).recognize(request).await {
            Ok(response) => Answer::from_response(response.into_inner()),
            Err(status) if status.code() == Code::Unimplemented => self.identify_at(channel, picture).await,
            Err(status) => Err(Failure::from(status)),
        }
    }

    async fn identify_at(&self, channel: Channel, picture: &Picture) -> Result<Answer, Failure> {
        let Picture::File(path) = picture else { return Err(Failure::takes_no_bytes()) };
        let image_path = path.absolute(&self.image_root).to_string_lossy().into_owned();
        let answer =
            IdentifyClient::new(channel).identify(IdentifyRequest { image_path }).await?.into_inner();
        Ok(Answer::Photo(Some(answer.image_name).filter(|name| name != proto::NOBODY_MATCHED)))
    }

    /// The known photos that one of the recognisers searches.
    pub async fn known_photos(&self) -> Result<KnownPhotos, Failure> {
        let list = |channel| async { Ok(gallery_client(channel).list(ListRequest {}).await?.into_inner()) };
        let list = self.ask(list, end_of_list).await?;
        let searched = list.photos.into_iter().filter(|photo| photo.skipped.is_empty());
        Ok(KnownPhotos {
            gallery_revision: list.gallery_revision,
            names: searched.map(|photo| photo.photo).collect(),
        })
    }

    /// Whether any recogniser would answer now; if none, why, in words for people.
    pub async fn health(&self) -> Result<(), String> {
        self.balancer.any_healthy().await.map_err(|error| format!("{error} (RECOGNITION is {})", self.source))
    }

    /// That none said how it is, in words for people.
    pub(crate) fn is_silent(&self) -> String {
        format!(
            "no recogniser says how it is: see that one runs and is reached (RECOGNITION is {})",
            self.source
        )
    }

    /// Whether the very recogniser that failed would answer now.
    pub async fn is_healthy_after(&self, failure: &Failure) -> bool {
        match &failure.recogniser {
            Some(address) => self.balancer.is_healthy(address).await,
            None => false,
        }
    }

    /// Each recogniser and how it stands.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointView> {
        self.balancer.view()
    }

    /// Makes the call, of another recogniser where one cannot begin with it. Each has all of the time, by a deadline of
    /// our own: tonic's client timeout would report it as Cancelled, like a connection that was lost.
    async fn ask<T, F>(&self, call: impl Fn(Channel) -> F, end_of: fn(Blame) -> CallEnd) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut passed_over = BTreeSet::new();
        let mut refusal = None;
        while passed_over.len() < TRIES
            && let Some(begun) = self.balancer.call(&passed_over).await
        {
            let address = begun.address().clone();
            let (failure, end) = match self.in_time(&address, call(begun.channel())).await {
                Ok(Ok(answer)) => {
                    begun.end(CallEnd::Answered, "");
                    return Ok(answer);
                }
                Ok(Err(failure)) => {
                    let end = end_of(failure.blame);
                    (failure, end)
                }
                Err(late) => (late, CallEnd::Late),
            };
            // Who was late has used up all of the time that there was.
            let is_over = !failure.blame.is_refusal() || end == CallEnd::Late;
            begun.end(end, &failure.to_string());
            let failure = Failure { recogniser: Some(address.clone()), ..failure };
            if is_over {
                return Err(failure);
            }
            passed_over.insert(address);
            refusal = Some(more_telling(refusal, failure));
        }
        Err(refusal.unwrap_or_else(|| Failure::nobody_there(&self.source)))
    }

    /// What the call comes to, or that it was late. Halfway the recogniser is asked how it is: when it does not say then, it
    /// was away, and a ping after the call could find it well again.
    async fn in_time<T>(
        &self,
        address: &Address,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<Result<T, Failure>, Failure> {
        let mut call = pin!(timeout(self.call_timeout, call));
        let halfway = async {
            sleep(self.call_timeout / 2).await;
            self.balancer.is_healthy(address).await
        };
        let (answer, was_healthy) = tokio::select! {
            answer = &mut call => (answer, true),
            was_healthy = halfway => (call.await, was_healthy),
        };
        answer.map_err(|_| {
            let late = self.late();
            if was_healthy { late } else { Failure { blame: Blame::Outage, ..late } }
        })
    }

    fn late(&self) -> Failure {
        let waited = self.call_timeout.as_secs_f32();
        Failure::from(Status::deadline_exceeded(format!("no answer from the recogniser within {waited} s")))
    }
}

fn recognition_client(channel: Channel) -> RecognitionClient<Channel> {
    RecognitionClient::new(channel)
        .max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
        .max_encoding_message_size(proto::MAX_MESSAGE_BYTES)
}

fn gallery_client(channel: Channel) -> GalleryClient<Channel> {
    GalleryClient::new(channel).max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
}

/// One that is busy is well, whatever the others are: that is the worker's to slow down for, not an outage.
fn more_telling(before: Option<Failure>, now: Failure) -> Failure {
    before.filter(|before| before.blame == Blame::Busy).unwrap_or(now)
}

fn end_of_recognition(blame: Blame) -> CallEnd {
    match blame {
        Blame::Image => CallEnd::Answered,
        Blame::Busy | Blame::Source { .. } => CallEnd::Inconclusive,
        Blame::Attempt | Blame::Loss | Blame::Outage | Blame::Unready => CallEnd::Failed,
    }
}

/// One that cannot list its photos, an older one for instance, may recognise all the same.
fn end_of_list(blame: Blame) -> CallEnd {
    match blame {
        Blame::Outage => CallEnd::Failed,
        Blame::Image | Blame::Source { .. } | Blame::Attempt | Blame::Loss | Blame::Unready | Blame::Busy => {
            CallEnd::Inconclusive
        }
    }
}

#[cfg(test)]
mod tests;
