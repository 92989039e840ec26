//! Why a picture could not be fetched, and what that means for the image. Pure.

use std::{net::IpAddr, time::Duration};

use picture_path::SourceError;
use thiserror::Error;

use super::guard::Forbidden;
use crate::{recognizer::Failure, retry::Blame};

/// A picture that could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum FetchError {
    /// The guard's word.
    #[error(
        "pictures are not fetched from {host}: {address} is {why}; post the address of a picture on the internet, or have \
         the operator allow the host (FETCH_ALLOW)"
    )]
    Forbidden { host: String, address: IpAddr, why: Forbidden },
    /// Who leads us around.
    #[error("there are more than {0} redirects: post the address where the picture is")]
    TooManyRedirects(usize),
    /// From encrypted to plain.
    #[error("the server sends us on from https:// to http://: post the address where the picture is")]
    Downgrade,
    /// Somewhere that nobody could have posted.
    #[error("the server sends us on to where pictures are not fetched from: {0}")]
    Redirect(#[source] SourceError),
    /// No picture there.
    #[error("there is no picture at this address any more, or never was: the server says {0}")]
    Missing(u16),
    /// For others.
    #[error(
        "the server does not let us have the picture, it says {0}: post an address that everybody may read"
    )]
    Denied(u16),
    /// Ours, of the object store.
    #[error(
        "the object store does not let us have the picture, it says {0}: see the S3_ variables of image-processor"
    )]
    StoreDenied(u16),
    /// By its rules, or because it is another one.
    #[error(
        "the object store does not answer with the picture but with {0}: see S3_ENDPOINT, S3_REGION and S3_ADDRESSING"
    )]
    StoreRefused(u16),
    /// Characters that no request may hold.
    #[error("the address cannot be asked for: {0}")]
    NoRequest(String),
    /// What it is asked cannot be answered with a picture.
    #[error("the server does not answer with a picture but with {0}: post the address where the picture is")]
    Refused(u16),
    /// What it sends is no picture by its own word.
    #[error(
        "the server sends {0} and no picture: post the address of the picture itself, not of a page with it"
    )]
    WrongType(String),
    /// Nor by the first bytes.
    #[error("what is at this address is not a picture in a known format")]
    NotAPicture,
    /// Nothing.
    #[error("what is at this address is empty")]
    Empty,
    /// More than is read.
    #[error("the picture has more than {0} bytes, which is the most that is fetched")]
    TooLarge(usize),
    /// By this worker.
    #[error("this worker fetches no pictures: put the picture below the image root and post its path there")]
    NotFetched,
    /// The operator has named no object store.
    #[error(
        "pictures from s3:// need an object store: set S3_ENDPOINT, or S3_ACCESS_KEY and S3_SECRET_KEY, of image-processor"
    )]
    NoStore,
    /// It has trouble, or too much to do.
    #[error("the server has trouble, it says {status}")]
    Unavailable { status: u16, retry_after: Duration },
    /// Nobody there, or who is there speaks another language.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// All of the time is gone.
    #[error("the picture did not arrive within {0:?}")]
    TooSlow(Duration),
}

impl FetchError {
    /// One word group for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Forbidden { .. } => "address_forbidden",
            Self::TooManyRedirects(_) => "too_many_redirects",
            Self::Downgrade | Self::Redirect(_) => "redirect_refused",
            Self::Missing(_) => "source_missing",
            Self::Denied(_) | Self::StoreDenied(_) => "source_denied",
            Self::Refused(_) | Self::StoreRefused(_) => "source_refused",
            Self::NoRequest(_) => "address_malformed",
            Self::WrongType(_) | Self::NotAPicture => "not_an_image",
            Self::Empty => "empty_file",
            Self::TooLarge(_) => "file_too_large",
            Self::NotFetched => "source_not_supported",
            Self::NoStore => "s3_not_configured",
            Self::Unavailable { .. } => "source_unavailable",
            Self::Unreachable(_) => "source_unreachable",
            Self::TooSlow(_) => "source_too_slow",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Unavailable { retry_after, .. } => Blame::Source { retry_after: *retry_after },
            Self::Unreachable(_) | Self::TooSlow(_) => Blame::Source { retry_after: Duration::ZERO },
            Self::Forbidden { .. }
            | Self::TooManyRedirects(_)
            | Self::Downgrade
            | Self::Redirect(_)
            | Self::Missing(_)
            | Self::Denied(_)
            | Self::StoreDenied(_)
            | Self::StoreRefused(_)
            | Self::NoRequest(_)
            | Self::Refused(_)
            | Self::WrongType(_)
            | Self::NotAPicture
            | Self::Empty
            | Self::TooLarge(_)
            | Self::NotFetched
            | Self::NoStore => Blame::Image,
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self::new(error.blame(), error.code(), &error.to_string())
    }
}
