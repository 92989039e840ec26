//! Pictures: posted, looked at again, deleted.

use axum::body::Bytes;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{ApiError, Caller, Takes, error::Problem};

/// A picture that is in the table now.
#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    pub(crate) id: u64,
}

/// What became of paths and addresses.
#[derive(Debug, Deserialize)]
pub(crate) struct PostedMany {
    pub(crate) images: Vec<Posted>,
    pub(crate) rejected: Vec<Rejected>,
}

/// One that is none.
#[derive(Debug, Deserialize)]
pub(crate) struct Rejected {
    pub(crate) path: String,
    error: Problem,
}

impl Rejected {
    /// Why.
    pub(crate) fn sentence(&self) -> String {
        self.error.sentence()
    }
}

impl Caller {
    pub(crate) async fn retry_image(&self, image: u64) -> Result<(), ApiError> {
        self.done(Takes::Usual, Method::POST, &["images", &image.to_string(), "retry"]).await
    }

    pub(crate) async fn rerun_image(&self, image: u64) -> Result<(), ApiError> {
        self.done(Takes::Usual, Method::POST, &["images", &image.to_string(), "rerun"]).await
    }

    pub(crate) async fn delete_image(&self, image: u64) -> Result<(), ApiError> {
        self.done(Takes::Usual, Method::DELETE, &["images", &image.to_string()]).await
    }

    pub(crate) async fn upload_picture(&self, name: &str, bytes: Bytes) -> Result<Posted, ApiError> {
        self.uploaded(&["pictures"], name, bytes).await
    }

    /// Posts paths and addresses.
    pub(crate) async fn post_paths(&self, paths: &[&str]) -> Result<PostedMany, ApiError> {
        let paths: Vec<_> = paths.iter().map(|path| json!({ "path": path })).collect();
        let url = self.api.url(&["images", "post"]);
        let request = self.request_to(Takes::Usual, Method::POST, url).json(&json!({ "paths": paths }));
        super::read(super::heard(request).await?).await
    }
}
