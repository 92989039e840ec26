//! What the worker asks of a recogniser, whichever one answers. In production it is face-recognition over gRPC; a
//! simulation may put a model in its place.

use std::future::Future;

use super::{Answer, Failure, KnownPhotos, Recognizer};
use crate::sources::Picture;

/// Says who is in a picture. Each question ends by itself within bounded time.
pub trait Recognise: Send + Sync + 'static {
    /// Who may be in this picture.
    fn recognize(&self, picture: &Picture) -> impl Future<Output = Result<Answer, Failure>> + Send;

    /// The known photos that are searched.
    fn known_photos(&self) -> impl Future<Output = Result<KnownPhotos, Failure>> + Send;

    /// Whether any recogniser would answer now; if none, why, in words for people.
    fn health(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// Whether the very recogniser that failed would answer now.
    fn is_healthy_after(&self, failure: &Failure) -> impl Future<Output = bool> + Send;
}

impl Recognise for Recognizer {
    async fn recognize(&self, picture: &Picture) -> Result<Answer, Failure> {
        Self::recognize(self, picture).await
    }

    async fn known_photos(&self) -> Result<KnownPhotos, Failure> {
        Self::known_photos(self).await
    }

    async fn health(&self) -> Result<(), String> {
        Self::health(self).await
    }

    async fn is_healthy_after(&self, failure: &Failure) -> bool {
        Self::is_healthy_after(self, failure).await
    }
}
