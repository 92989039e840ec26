//! The receiver's API (`/api/v1`): every change is asked of it, in the name of whoever asked for it. The frontend has no
//! token of its own and may not write to the database.
//!
//! | module | what |
//! |---|---|
//! | `error` | why something was not done, in sentences for people: pure |
//! | `faces` | who a face is |
//! | `people` | people and their known photos |
//! | `pictures` | pictures: posted, looked at again, deleted |

mod error;
mod faces;
mod people;
mod pictures;

use std::{convert::Infallible, time::Duration};

use axum::{extract::FromRequestParts, http::request::Parts};
use reqwest::{Client, Method, RequestBuilder, Response, header, redirect::Policy};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::Url;

use crate::{site::Site, visitor::Visitor};

pub(crate) use error::ApiError;
pub(crate) use faces::{Naming, Who};
pub(crate) use people::Enrolled;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An export takes as long as it takes; it ends when nothing comes for so long, which is longer than any change may take.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(75);
const ACTOR: &str = "rollcall-actor";

/// How long changes may take. The receiver ends them before: who gives up first does not know what was done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) change: Duration,
    /// One that brings a picture, or has the recogniser change known photos.
    pub(crate) slow_change: Duration,
}

impl Limits {
    /// The receiver's 12 s and its minute, and the time to connect.
    pub(crate) const USUAL: Self =
        Self { change: Duration::from_secs(20), slow_change: Duration::from_secs(70) };
}

/// Which of them counts for a change.
#[derive(Debug, Clone, Copy)]
enum Takes {
    Usual,
    Long,
}

/// Where the API is, and connections to it.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    client: Client,
    base: Url,
    limits: Limits,
}

/// The API for somebody: what they ask for is done in their name.
#[derive(Debug)]
pub(crate) struct Caller {
    api: Api,
    visitor: Visitor,
}

/// Somebody, as the API tells.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct PersonRef {
    pub(crate) id: u64,
    pub(crate) name: String,
}

/// The address of an API, from the command line.
pub(crate) fn address(text: &str) -> Result<Url, String> {
    match text.parse::<Url>() {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(url),
        _ => Err("give an address like http://127.0.0.1:8000".to_owned()),
    }
}

impl Api {
    pub(crate) fn new(base: Url, limits: Limits) -> anyhow::Result<Self> {
        // A redirect would take the visitor's token elsewhere, and the API sends none.
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE_TIMEOUT)
            .build()?;
        Ok(Self { client, base, limits })
    }

    /// The address of a route; each part is encoded.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The same, below where the API is.
    fn v1(&self, path: &[&str]) -> Url {
        self.url(&[&["api", "v1"], path].concat())
    }

    /// A file that lists everything of a kind.
    pub(crate) async fn export(&self, name: &str) -> Result<Response, ApiError> {
        let answer = self.client.get(self.v1(&["export", name])).send().await.map_err(ApiError::unheard)?;
        error::check(answer).await
    }
}

impl FromRequestParts<Site> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        Ok(Self::new(site.api.clone(), Visitor::of(&parts.headers)))
    }
}

impl Caller {
    pub(crate) fn new(api: Api, visitor: Visitor) -> Self {
        Self { api, visitor }
    }

    /// Whether the API lets this visitor change something. It is asked for what does nothing: no image has the id 0.
    pub(crate) async fn may_change(&self) -> Result<(), ApiError> {
        match self.done(Takes::Usual, Method::POST, &["images", "0", "retry"]).await {
            Ok(()) | Err(ApiError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn request(&self, takes: Takes, method: Method, path: &[&str]) -> RequestBuilder {
        self.request_to(takes, method, self.api.v1(path))
    }

    fn request_to(&self, takes: Takes, method: Method, url: Url) -> RequestBuilder {
        let limit = match takes {
            Takes::Usual => self.api.limits.change,
            Takes::Long => self.api.limits.slow_change,
        };
        let mut request = self.api.client.request(method, url).timeout(limit);
        if let Some(token) = &self.visitor.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(actor) = &self.visitor.actor {
            // Names have letters beyond ASCII, which a header takes as bytes.
            request = request.header(ACTOR, actor.as_bytes());
        }
        request
    }

    /// Has something done whose answer tells nothing new.
    async fn done(&self, takes: Takes, method: Method, path: &[&str]) -> Result<(), ApiError> {
        heard(self.request(takes, method, path)).await.map(|_| ())
    }

    /// The same, with a body.
    async fn done_with(&self, method: Method, path: &[&str], body: &impl Serialize) -> Result<(), ApiError> {
        heard(self.request(Takes::Usual, method, path).json(body)).await.map(|_| ())
    }

    /// Has something done and reads what became of it.
    async fn told<T: DeserializeOwned>(
        &self,
        takes: Takes,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        read(heard(self.request(takes, method, path).json(body)).await?).await
    }

    /// Sends a file and reads what became of it.
    async fn uploaded<T: DeserializeOwned>(
        &self,
        path: &[&str],
        name: &str,
        bytes: axum::body::Bytes,
    ) -> Result<T, ApiError> {
        let request = self.request(Takes::Long, Method::POST, path).query(&[("name", name)]);
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        read(heard(request.body(bytes)).await?).await
    }
}

async fn heard(request: RequestBuilder) -> Result<Response, ApiError> {
    error::check(request.send().await.map_err(ApiError::unheard)?).await
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, ApiError> {
    answer.json().await.map_err(|error| {
        tracing::error!(%error, "the API's answer makes no sense");
        if error.is_decode() { ApiError::Strange } else { ApiError::Away }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_of_http_with_a_host() {
        assert!(address("http://receiver:8000/below").is_ok());
        for wrong in ["receiver:8000", "https://receiver", "/api", "", "http://", "mailto:a@b"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_part_of_a_path_is_encoded() {
        for base in ["http://a:1", "http://a:1/", "http://a:1/below/"] {
            let api = Api::new(address(base).expect("an address"), Limits::USUAL).expect("a client");
            let url = api.v1(&["known-photos", "../a b?#.jpg"]);
            let expected = format!("{}/api/v1/known-photos/..%2Fa%20b%3F%23.jpg", base.trim_end_matches('/'));
            assert_eq!(url.as_str(), expected);
        }
    }
}
