//! The known photos, which the recogniser keeps: the gRPC client of its `Gallery`.
//!
//! Each call has a time limit of ours. A change whose answer is lost is looked for: the list of photos tells whether it was
//! made.

mod failure;

use std::{fmt, path::Path, time::Duration};

use anyhow::Context as _;
use proto::{
    Empty, EnrolRequest, ForgetRequest, ListRequest, gallery_client::GalleryClient,
    health_check_client::HealthCheckClient,
};
use service_kit::secret::Secret;
use tokio::time::timeout;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint, Uri},
};

pub(crate) use failure::{GalleryFailure, Refused};

/// How long the recogniser may take to let us connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the question takes at most how the recogniser is: less than `/readyz` waits, which would not say whom to look at.
const HEALTH_TIMEOUT: Duration = Duration::from_millis(1_500);

/// How long calls may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// One that changes something: a face is found and described meanwhile, perhaps after others.
    pub(crate) change: Duration,
    /// One that only asks.
    pub(crate) question: Duration,
}

impl Limits {
    /// Together less than a request may take that changes known photos.
    pub(crate) const USUAL: Self = Self { change: Duration::from_secs(7), question: Duration::from_secs(3) };
}

/// The token that the recogniser wants from whoever changes known photos. It cannot be printed.
#[derive(Clone)]
pub struct GalleryToken(MetadataValue<Ascii>);

impl GalleryToken {
    /// The token that the file of `GALLERY_TOKEN_FILE` holds; spaces and newlines around it are no part of it. The error is a
    /// sentence that says what to do.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let secret = Secret::read(file).with_context(|| {
            format!("GALLERY_TOKEN_FILE names {}, which cannot be read as text", file.display())
        })?;
        let token = secret.reveal().trim();
        anyhow::ensure!(!token.is_empty(), "GALLERY_TOKEN_FILE names {}, which is empty", file.display());
        let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().with_context(|| {
            format!(
                "GALLERY_TOKEN_FILE names {}, which holds other characters than printable ASCII",
                file.display()
            )
        })?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl fmt::Debug for GalleryToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("GalleryToken(hidden)")
    }
}

/// A photo that looks like another one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resembling {
    pub(crate) photo: String,
    pub(crate) distance: f32,
}

/// A known photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedPhoto {
    pub(crate) photo: String,
    /// Why it is not searched, in words.
    pub(crate) skipped: Option<String>,
}

/// All of them, by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhotoList {
    pub(crate) photos: Vec<ListedPhoto>,
    pub(crate) revision: String,
}

/// The recogniser's gallery; cheap to clone. Nothing is connected before the first call.
#[derive(Debug, Clone)]
pub(crate) struct Gallery {
    channel: Channel,
    token: Option<GalleryToken>,
    limits: Limits,
}

impl Gallery {
    pub(crate) fn new(recogniser: Uri, token: Option<GalleryToken>, limits: Limits) -> Self {
        let channel = Endpoint::from(recogniser).connect_timeout(CONNECT_TIMEOUT).connect_lazy();
        Self { channel, token, limits }
    }

    /// Makes a picture a known photo, under this name. The photos that it looks like; none also where the answer was lost.
    pub(crate) async fn enrol(&self, photo: &str, image: Vec<u8>) -> Result<Vec<Resembling>, GalleryFailure> {
        let request = self.request(EnrolRequest { photo: photo.to_owned(), image });
        let mut client = self.client();
        let answer = within(self.limits.change, client.enrol(request)).await;
        match answer.map_err(GalleryFailure::from) {
            Ok(response) => {
                let near = response.into_inner().resembles.into_iter();
                Ok(near.map(|near| Resembling { photo: near.photo, distance: near.distance }).collect())
            }
            Err(GalleryFailure::Lost(why)) => match self.has(photo).await {
                Some(true) => {
                    tracing::warn!(
                        photo,
                        error = why,
                        "the answer to an enrolment was lost; the photo is there"
                    );
                    Ok(Vec::new())
                }
                Some(false) => {
                    // Who gives up takes the picture out of work, unless it is at its last step just now: changes are made
                    // one after the other, so that this one undoes that.
                    let undone = Box::pin(self.forget(photo)).await;
                    tracing::warn!(photo, error = why, ?undone, "an enrolment was not answered");
                    Err(if undone.is_ok() { GalleryFailure::Away(why) } else { GalleryFailure::Lost(why) })
                }
                None => Err(GalleryFailure::Lost(why)),
            },
            Err(failure) => Err(failure),
        }
    }

    /// Takes a photo out. One that is not there is out already.
    pub(crate) async fn forget(&self, photo: &str) -> Result<Forgotten, GalleryFailure> {
        let request = self.request(ForgetRequest { photo: photo.to_owned() });
        let mut client = self.client();
        let answer = within(self.limits.change, client.forget(request)).await;
        match answer.map_err(GalleryFailure::from) {
            Ok(_) => Ok(Forgotten::Now),
            Err(GalleryFailure::Refused(Refused { code: "photo_missing", .. })) => Ok(Forgotten::Before),
            Err(GalleryFailure::Lost(why)) => match self.has(photo).await {
                Some(false) => {
                    tracing::warn!(photo, error = why, "the answer about a photo was lost; it is forgotten");
                    Ok(Forgotten::Now)
                }
                Some(true) | None => Err(GalleryFailure::Lost(why)),
            },
            Err(failure) => Err(failure),
        }
    }

    /// Every known photo, also those that are not searched.
    pub(crate) async fn list(&self) -> Result<PhotoList, GalleryFailure> {
        let mut client = self.client();
        let answer = within(self.limits.question, client.list(ListRequest {})).await;
        let list = answer.map_err(GalleryFailure::from)?.into_inner();
        let photos = list.photos.into_iter().map(|photo| ListedPhoto {
            photo: photo.photo,
            skipped: Some(photo.skipped).filter(|reason| !reason.is_empty()),
        });
        Ok(PhotoList { photos: photos.collect(), revision: list.gallery_revision })
    }

    /// Whether a recogniser would answer now; if not, why, in words for people.
    pub(crate) async fn health(&self) -> Result<(), String> {
        let mut client = HealthCheckClient::new(self.channel.clone());
        match within(HEALTH_TIMEOUT, client.health_check(Empty {})).await {
            Ok(answer) if answer.get_ref().ready => Ok(()),
            Ok(_) => Err("the recogniser is not ready, nobody can be enrolled: see its /readyz".to_owned()),
            Err(status) => Err(format!(
                "the recogniser does not answer, nobody can be enrolled: see that it runs, and that RECOGNITION leads to it ({})",
                status.message()
            )),
        }
    }

    /// Whether there is such a photo; `None` where that is not told either.
    async fn has(&self, photo: &str) -> Option<bool> {
        let list = self.list().await.ok()?;
        Some(list.photos.iter().any(|listed| listed.photo == photo))
    }

    fn client(&self) -> GalleryClient<Channel> {
        GalleryClient::new(self.channel.clone())
            .max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
            .max_encoding_message_size(proto::MAX_MESSAGE_BYTES)
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(GalleryToken(token)) = &self.token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        request
    }
}

/// When a photo was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forgotten {
    Now,
    /// There was none.
    Before,
}

/// By a clock of our own: tonic's would report a call that took too long like one whose connection was lost.
async fn within<T>(limit: Duration, call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let late = || Status::deadline_exceeded(format!("no answer within {} s", limit.as_secs_f32()));
    timeout(limit, call).await.unwrap_or_else(|_| Err(late()))
}

#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;
