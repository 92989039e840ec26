//! The bytes of one picture as the body of a request, up to what the recogniser takes, and of so many requests at once.

use axum::{
    extract::{FromRequest, Request},
    http::header,
};
use futures_util::StreamExt as _;

use crate::{
    app::AppState,
    picture_format::PictureFormat,
    problem::Problem,
    turns::Turn,
    uploads::{MAX_BYTES, UploadError},
};

/// A body that begins like a picture.
pub(super) struct PictureBody {
    pub(super) bytes: Vec<u8>,
    pub(super) format: PictureFormat,
    /// To be kept as long as the bytes.
    pub(super) turn: Turn,
}

impl FromRequest<AppState> for PictureBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        refuse_too_long(&request)?;
        let turn = state.photo_turns.next().await?;
        let mut bytes = Vec::new();
        let mut chunks = request.into_body().into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| UploadError::BodyUnreadable)?;
            if bytes.len() + chunk.len() > MAX_BYTES {
                return Err(UploadError::TooLarge.into());
            }
            bytes.extend_from_slice(&chunk);
        }
        if bytes.is_empty() {
            return Err(UploadError::Empty.into());
        }
        let format = PictureFormat::of(&bytes).ok_or(UploadError::NotAnImage)?;
        Ok(Self { bytes, format, turn })
    }
}

/// One that says beforehand that it is too large is not read at all.
pub(super) fn refuse_too_long(request: &Request) -> Result<(), UploadError> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    match length.and_then(|length| length.parse().ok()) {
        Some(length) if length > MAX_BYTES as u64 => Err(UploadError::TooLarge),
        Some::<u64>(_) | None => Ok(()),
    }
}
