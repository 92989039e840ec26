//! What the head of an HTTP answer means: a picture, another place to look, or why there is none. Pure.

use std::time::Duration;

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, LOCATION, RETRY_AFTER},
    response::Parts,
};

use super::error::FetchError;

/// A server may ask for more patience than that; nobody waits for the picture by then.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(10);
/// Of a type in an error, in characters.
const TYPE_CHARACTERS: usize = 100;

/// Where the picture is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// In the body.
    Here,
    /// At another address.
    Elsewhere(String),
}

/// Reads the head of a web server's answer.
pub(super) fn read(head: &Parts) -> Result<Head, FetchError> {
    match head.status {
        StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => {
            check_type(head.headers.get(CONTENT_TYPE))?;
            Ok(Head::Here)
        }
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {
            // Not all servers escape the letters that an address cannot have; whoever reads the address does.
            let to = head.headers.get(LOCATION).and_then(|to| str::from_utf8(to.as_bytes()).ok());
            to.map(|to| Head::Elsewhere(to.to_owned())).ok_or(FetchError::Refused(head.status.as_u16()))
        }
        status => Err(refusal(status, &head.headers)),
    }
}

/// What a status means that brings no picture.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap) -> FetchError {
    let code = status.as_u16();
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => FetchError::Missing(code),
        StatusCode::UNAUTHORIZED | StatusCode::PAYMENT_REQUIRED | StatusCode::FORBIDDEN => {
            FetchError::Denied(code)
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            FetchError::Unavailable { status: code, retry_after: retry_after(headers) }
        }
        _ if status.is_server_error() => {
            FetchError::Unavailable { status: code, retry_after: retry_after(headers) }
        }
        _ => FetchError::Refused(code),
    }
}

/// In seconds. A date says nothing to somebody who does not share the server's clock.
fn retry_after(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or_default()).min(LONGEST_RETRY_AFTER)
}

/// Many servers do not know what they have: only what says that it is something else is refused.
fn check_type(told: Option<&HeaderValue>) -> Result<(), FetchError> {
    let Some(told) = told else { return Ok(()) };
    let told = String::from_utf8_lossy(told.as_bytes());
    let kind = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "" | "application/octet-stream" | "binary/octet-stream" | "application/binary" => Ok(()),
        _ if kind.starts_with("image/") => Ok(()),
        _ => Err(FetchError::WrongType(kind.chars().take(TYPE_CHARACTERS).collect())),
    }
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    fn head(status: u16, headers: &[(&str, &str)]) -> Result<Head, FetchError> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        read(&response.body(()).expect("a response").into_parts().0)
    }

    #[test]
    fn a_status_says_whether_there_is_a_picture() {
        let unavailable = |status| FetchError::Unavailable { status, retry_after: Duration::ZERO };
        let table = [
            (200, Ok(Head::Here)),
            (203, Ok(Head::Here)),
            (204, Err(FetchError::Refused(204))),
            (206, Err(FetchError::Refused(206))),
            (304, Err(FetchError::Refused(304))),
            (301, Err(FetchError::Refused(301))),
            (400, Err(FetchError::Refused(400))),
            (401, Err(FetchError::Denied(401))),
            (403, Err(FetchError::Denied(403))),
            (404, Err(FetchError::Missing(404))),
            (410, Err(FetchError::Missing(410))),
            (408, Err(unavailable(408))),
            (429, Err(unavailable(429))),
            (500, Err(unavailable(500))),
            (503, Err(unavailable(503))),
        ];
        for (status, expected) in table {
            assert_eq!(head(status, &[]), expected, "{status}");
        }
    }

    #[test]
    fn a_redirect_names_where_to() {
        for status in [301, 302, 303, 307, 308] {
            for to in ["/b.jpg", "/bär.jpg"] {
                assert_eq!(
                    head(status, &[("location", to)]),
                    Ok(Head::Elsewhere(to.to_owned())),
                    "{status} {to}"
                );
            }
        }
    }

    #[test]
    fn only_what_says_that_it_is_something_else_is_refused_by_its_type() {
        let fine = ["image/jpeg", "IMAGE/PNG; q=1", "application/octet-stream", "binary/octet-stream", ""];
        for told in fine {
            assert_eq!(head(200, &[("content-type", told)]), Ok(Head::Here), "{told:?}");
        }
        for told in ["text/html; charset=utf-8", "application/json", "video/mp4", "imagine/jpeg"] {
            let kind = told.split(';').next().expect("a type").to_owned();
            assert_eq!(head(200, &[("content-type", told)]), Err(FetchError::WrongType(kind)));
        }
    }

    #[test]
    fn a_server_is_given_the_time_that_it_asks_for_within_reason() {
        let table = [
            ("7", 7),
            (" 30 ", 30),
            ("1000000", 600),
            ("-1", 0),
            ("Wed, 21 Oct 2026 07:28:00 GMT", 0),
            ("", 0),
        ];
        for (asked, seconds) in table {
            let retry_after = Duration::from_secs(seconds);
            let expected = Err(FetchError::Unavailable { status: 429, retry_after });
            assert_eq!(head(429, &[("retry-after", asked)]), expected, "{asked:?}");
        }
    }
}
