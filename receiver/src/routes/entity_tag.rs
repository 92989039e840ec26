//! Answers to GET carry a strong `ETag`, a hash of their bytes; who has that answer already is told 304 and sent nothing
//! (RFC 9110, sections 8.8.3 and 13.1.2).

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

/// Longer answers carry no tag: it is known only when the whole answer is in memory. The longest page of a list is smaller.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of the hash that are told.
const TOLD: usize = 16;

/// Tags what is answered, for `axum::middleware::from_fn`.
pub(super) async fn tagged(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let known = request.headers().clone();
    let response = next.run(request).await;
    let is_short = response.body().size_hint().upper().is_some_and(|bytes| bytes <= MAX_BYTES as u64);
    if response.status() != StatusCode::OK || !is_short {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let body = match to_bytes(body, MAX_BYTES).await {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "an answer could not be made");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..TOLD]));
    let is_known = knows(&known, &tag);
    head.headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("hexadecimal digits in quotes"));
    // A copy is good only as long as we say so.
    head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if is_known {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(header::CONTENT_TYPE);
        head.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(head, Body::empty());
    }
    Response::from_parts(head, Body::from(body))
}

/// Whether one of the tags that a client has is this one. Compared weakly, as the header wants it: a proxy that packs
/// answers marks their tags as weak.
fn knows(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_among_others_weak_or_strong() {
        let table = [
            (&[r#""a""#][..], true),
            (&[r#"W/"a""#], true),
            (&[r#""b", "a""#], true),
            (&[r#""b""#, r#""a""#], true),
            (&["*"], true),
            (&[r#""b""#], false),
            (&["a"], false),
            (&[""], false),
            (&[], false),
        ];
        for (values, expected) in table {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            }
            assert_eq!(knows(&headers, r#""a""#), expected, "{values:?}");
        }
    }
}
