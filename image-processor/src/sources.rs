//! Where pictures come from: below the image root, where the recogniser finds them itself, or from elsewhere, fetched here and
//! handed to it as bytes.
//!
//! | module | what |
//! |---|---|
//! | `settings` | the environment of all this |
//! | `net`, `guard`, `allow_list` | which addresses may be asked: pure |
//! | `destination` | where an address leads, looked at before anybody is asked |
//! | `connection` | one request over a connection of its own |
//! | `answer`, `error` | what an answer means, and a failure: pure |
//! | `web` | `http://` and `https://`, with redirects |
//! | `objects` | `s3://` |
//! | `thumbnails` | the small picture that is kept of a fetched one |

mod allow_list;
mod answer;
mod connection;
mod destination;
mod error;
mod guard;
mod net;
mod objects;
mod settings;
mod thumbnails;
mod web;

use std::{path::Path, time::Duration};

use bytes::Bytes;
use picture_path::{PicturePath, PictureSource};
use tokio::time::{Instant, timeout};

pub use self::settings::FetchArgs;
use self::{connection::Connector, error::FetchError, objects::Objects, thumbnails::Thumbnails, web::Web};
use crate::recognizer::Failure;

/// What the recogniser is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// It lies below the image root, which the recogniser has too.
    File(PicturePath),
    /// It was fetched.
    Fetched(FetchedPicture),
}

/// A picture from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedPicture {
    /// Of the file.
    pub bytes: Bytes,
    /// Of the source, as `images` has it.
    path_hash: [u8; 32],
}

/// Brings pictures. The default knows files alone.
#[derive(Clone, Default)]
pub struct Sources(Option<Fetching>);

#[derive(Clone)]
struct Fetching {
    web: Web,
    objects: Option<Objects>,
    timeout: Duration,
    thumbnails: Thumbnails,
}

impl Sources {
    /// Thumbnails are kept below the image root.
    pub fn new(settings: &FetchArgs, image_root: &Path) -> anyhow::Result<Self> {
        let (connector, allowed) = (Connector::default(), settings.fetch_allow.clone().unwrap_or_default());
        Ok(Self(Some(Fetching {
            web: Web::new(connector.clone(), allowed, settings.fetch_max_bytes),
            objects: Objects::new(connector, settings)?,
            timeout: settings.fetch_timeout,
            thumbnails: Thumbnails::new(image_root),
        })))
    }

    /// Whether a picture is fetched, by its source as it is stored: a path begins with `/`, an address with its scheme.
    #[must_use]
    pub fn is_elsewhere(stored: &str) -> bool {
        !stored.starts_with('/')
    }

    /// The picture of an image, by its source as it is stored.
    pub async fn bring(&self, stored: &str) -> Result<Picture, Failure> {
        // What is stored is below the root already, so no root is to be stripped from it.
        let source = PictureSource::parse(stored, Path::new("/")).map_err(Failure::source)?;
        if let PictureSource::File(path) = source {
            return Ok(Picture::File(path));
        }
        let fetching = self.0.as_ref().ok_or(FetchError::NotFetched)?;
        let bytes = fetching.fetch(&source).await?;
        Ok(Picture::Fetched(FetchedPicture { bytes, path_hash: source.hash() }))
    }

    /// Keeps a small one of a picture that was fetched. What goes wrong with that is told in the log.
    pub async fn keep_thumbnail(&self, picture: Picture) {
        if let (Picture::Fetched(FetchedPicture { bytes, path_hash }), Some(fetching)) = (picture, &self.0) {
            fetching.thumbnails.keep(bytes, path_hash).await;
        }
    }
}

impl Fetching {
    /// The bytes of a picture, within its time.
    async fn fetch(&self, source: &PictureSource) -> Result<Bytes, FetchError> {
        let began = Instant::now();
        let fetched = match timeout(self.timeout, self.ask(source)).await {
            Ok(fetched) => fetched.and_then(|bytes| check(&bytes).map(|()| bytes)),
            Err(_) => Err(FetchError::TooSlow(self.timeout)),
        };
        metrics::histogram!("rollcall_fetch_seconds").record(began.elapsed().as_secs_f64());
        let result = fetched.as_ref().map_or_else(FetchError::code, |_| "fetched");
        metrics::counter!("rollcall_fetches_total", "result" => result).increment(1);
        fetched
    }

    async fn ask(&self, source: &PictureSource) -> Result<Bytes, FetchError> {
        match (source, &self.objects) {
            (PictureSource::Web(address), _) => self.web.fetch(address).await,
            (PictureSource::Object(object), Some(objects)) => objects.fetch(object).await,
            (PictureSource::Object(_), None) => Err(FetchError::NoStore),
            (PictureSource::File(_), _) => unreachable!("files are not fetched"),
        }
    }
}

/// The recogniser looks closer; here it is only seen that it is worth being sent there.
fn check(bytes: &[u8]) -> Result<(), FetchError> {
    if bytes.is_empty() {
        return Err(FetchError::Empty);
    }
    image::guess_format(bytes).map(drop).map_err(|_| FetchError::NotAPicture)
}

#[cfg(test)]
mod tests;
