//! Fetches a picture from a web server. Redirects are followed here, so that each place is looked at before it is asked.

use bytes::Bytes;
use http::{
    Request,
    header::{ACCEPT, ACCEPT_ENCODING, HOST, USER_AGENT},
};
use http_body_util::Empty;
use picture_path::WebAddress;

use super::{
    allow_list::AllowList,
    answer::{self, Head},
    connection::{Answer, Connector},
    destination,
    error::FetchError,
};

/// Followed for one picture at most.
const MOST_REDIRECTS: usize = 5;
/// How we introduce ourselves.
const AGENT: &str = concat!("Rollcall/", env!("CARGO_PKG_VERSION"));

/// Asks web servers.
#[derive(Clone)]
pub(super) struct Web {
    connector: Connector,
    allowed: AllowList,
    limit: usize,
}

impl Web {
    /// Pictures may have up to `limit` bytes; addresses that are `allowed` are exceptions from the guard.
    pub(super) fn new(connector: Connector, allowed: AllowList, limit: usize) -> Self {
        Self { connector, allowed, limit }
    }

    /// The bytes at an address, which need not be a picture's.
    pub(super) async fn fetch(&self, address: &WebAddress) -> Result<Bytes, FetchError> {
        let mut here = address.clone();
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.ask(&here).await?;
            match answer::read(&answer.head)? {
                Head::Here => return answer.read(self.limit).await,
                Head::Elsewhere(to) => {
                    let next = here.redirected(&to).map_err(FetchError::Redirect)?;
                    if here.is_encrypted() && !next.is_encrypted() {
                        return Err(FetchError::Downgrade);
                    }
                    here = next;
                }
            }
        }
        Err(FetchError::TooManyRedirects(MOST_REDIRECTS))
    }

    async fn ask(&self, address: &WebAddress) -> Result<Answer, FetchError> {
        let destination = destination::of(address, &self.allowed).await?;
        self.connector.send(&destination.addresses, &destination.protocol, request(address)?).await
    }
}

fn request(address: &WebAddress) -> Result<Request<Empty<Bytes>>, FetchError> {
    let url = address.url();
    let host = url.host_str().expect("a web address has a host");
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    Request::get(target)
        .header(HOST, host)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "image/*, application/octet-stream;q=0.5")
        // What is read must not grow afterwards.
        .header(ACCEPT_ENCODING, "identity")
        .body(Empty::new())
        .map_err(|error| FetchError::NoRequest(error.to_string()))
}
