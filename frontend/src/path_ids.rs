//! Ids in the path of an address. What is no id leads to no page.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::error_page::PageError;

/// The ids of a path, in its order.
pub(crate) struct PathIds<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathIds<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let ids = Path::from_request_parts(parts, state).await.map_err(|_| PageError::NoSuchPage)?;
        Ok(Self(ids.0))
    }
}
