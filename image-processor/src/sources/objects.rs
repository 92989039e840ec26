//! Fetches a picture from an object store that speaks S3. The operator chose the store, so its address is not judged;
//! whoever posts can name buckets and keys there and nothing else.

use std::{error::Error, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header::HOST};
use http_body_util::Empty;
use object_store::{
    ClientOptions, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
        HttpService,
    },
    path::Path,
};
use picture_path::{ObjectAddress, WebAddress};
use rustls::pki_types::ServerName;

use super::{
    answer,
    connection::{Connector, Protocol},
    destination,
    error::FetchError,
    settings::{Addressing, FetchArgs, Key},
};

/// Asks the object store.
#[derive(Clone)]
pub(super) struct Objects {
    endpoint: Option<WebAddress>,
    region: String,
    addressing: Addressing,
    key: Option<Key>,
    way: Way,
}

impl Objects {
    /// The store of the settings, if they name one.
    pub(super) fn new(connector: Connector, settings: &FetchArgs) -> anyhow::Result<Option<Self>> {
        let key = settings.key()?;
        Ok(settings.names_a_store().then(|| Self {
            endpoint: settings.s3_endpoint.clone(),
            region: settings.s3_region.clone(),
            addressing: settings.s3_addressing,
            key,
            way: Way { connector, limit: settings.fetch_max_bytes },
        }))
    }

    /// The bytes of an object, which need not be a picture's.
    pub(super) async fn fetch(&self, object: &ObjectAddress) -> Result<Bytes, FetchError> {
        let store = self.store(object.bucket()).map_err(|error| told(&error))?;
        let key = Path::parse(object.key()).map_err(|error| told(&error))?;
        let found = store.get(&key).await.map_err(|error| told(&error))?;
        found.bytes().await.map_err(|error| told(&error))
    }

    fn store(&self, bucket: &str) -> object_store::Result<AmazonS3> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(&self.region)
            .with_virtual_hosted_style_request(self.addressing == Addressing::Host)
            .with_http_connector(self.way.clone())
            // The queue brings the image again; nothing is tried twice here.
            .with_retry(RetryConfig {
                max_retries: 0,
                retry_timeout: Duration::ZERO,
                ..RetryConfig::default()
            });
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(base(endpoint, bucket, self.addressing)).with_allow_http(true);
        }
        builder = match &self.key {
            Some(key) => builder.with_access_key_id(&key.id).with_secret_access_key(key.secret.reveal()),
            None => builder.with_skip_signature(true),
        };
        builder.build()
    }
}

/// Where a bucket is; `object_store` names it in the path itself, and not in the host.
fn base(endpoint: &WebAddress, bucket: &str, addressing: Addressing) -> String {
    let url = endpoint.as_str().trim_end_matches('/');
    match (addressing, url.split_once("://")) {
        (Addressing::Host, Some((scheme, host))) => format!("{scheme}://{bucket}.{host}"),
        _ => url.to_owned(),
    }
}

/// Our own cause at the end of what `object_store` makes of it.
fn told(error: &(dyn Error + 'static)) -> FetchError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(ours) = error.downcast_ref::<FetchError>() {
            return ours.clone();
        }
        cause = error.source();
    }
    FetchError::Unreachable(error.to_string())
}

/// How `object_store` comes to its server: by our connections, within our limit.
#[derive(Clone)]
struct Way {
    connector: Connector,
    limit: usize,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Way({} bytes)", self.limit)
    }
}

impl HttpConnector for Way {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Way {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let ours = |error: FetchError| HttpError::new(HttpErrorKind::Unknown, error);
        self.ask(request).await.map_err(ours)
    }
}

impl Way {
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let (mut head, _) = request.into_parts();
        let (host, port, protocol) = server(&head.uri)?;
        let addresses = destination::resolve(&host, port).await?;
        if !head.headers.contains_key(HOST)
            && let Some(authority) = head.uri.authority()
            && let Ok(authority) = HeaderValue::from_str(authority.as_str())
        {
            head.headers.insert(HOST, authority);
        }
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        head.uri = target.parse().map_err(|error| FetchError::Unreachable(format!("{target}: {error}")))?;
        let answer =
            self.connector.send(&addresses, &protocol, Request::from_parts(head, Empty::new())).await?;
        if answer.head.status != StatusCode::OK {
            return Err(refusal(answer::refusal(answer.head.status, &answer.head.headers)));
        }
        let head = answer.head.clone();
        let body = answer.read(self.limit).await?;
        Ok(Response::from_parts(head, HttpResponseBody::from(body)))
    }
}

/// The advice to somebody who posted a web address helps nobody here.
fn refusal(of_a_web_server: FetchError) -> FetchError {
    match of_a_web_server {
        FetchError::Denied(status) => FetchError::StoreDenied(status),
        FetchError::Refused(status) => FetchError::StoreRefused(status),
        other => other,
    }
}

fn server(uri: &Uri) -> Result<(String, u16, Protocol), FetchError> {
    let nowhere = || FetchError::Unreachable(format!("{uri} names no server"));
    let host = uri.host().ok_or_else(nowhere)?.trim_matches(['[', ']']).to_owned();
    if uri.scheme_str() == Some("http") {
        return Ok((host, uri.port_u16().unwrap_or(80), Protocol::Plain));
    }
    let name = ServerName::try_from(host.clone()).map_err(|_| nowhere())?;
    Ok((host, uri.port_u16().unwrap_or(443), Protocol::Encrypted(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_where_the_settings_say() {
        let endpoint = WebAddress::parse("http://minio:9000").expect("an address");

        assert_eq!(base(&endpoint, "photos", Addressing::Path), "http://minio:9000");
        assert_eq!(base(&endpoint, "photos", Addressing::Host), "http://photos.minio:9000");
    }
}
