//! No call takes longer than its caller waits (`grpc-timeout`) or the server allows. A call whose time ran out is
//! dropped, so that what it waits for is not worked on any more.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use tokio::time::timeout;
use tonic::Status;

use crate::error::RecognitionError;

/// Tonic's server ends a call itself when the caller's time is over, and calls that CANCELLED: ours is to come first.
const HEAD_START: Duration = Duration::from_millis(5);

/// Answers `DEADLINE_EXCEEDED` for a call that takes longer than its caller waits or than `longest`.
pub(crate) async fn keep(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    let callers = grpc_timeout(request.headers()).map(|time| time.saturating_sub(HEAD_START));
    let allowed = callers.map_or(longest, |time| time.min(longest));
    match timeout(allowed, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Status::from(RecognitionError::DeadlineExceeded).into_http(),
    }
}

/// How long the caller waits: at most eight digits and a unit (gRPC over HTTP/2, "Timeout"). As for tonic, what is no
/// timeout counts as none.
fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let amount = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_hours(amount)),
        "M" => Some(Duration::from_mins(amount)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::post};
    use tonic::{Code, codegen::Service as _};

    use super::*;

    /// What a call gets that nobody would ever answer.
    async fn answer_to(longest: Duration, grpc_timeout: Option<&str>) -> Status {
        let mut router: Router = Router::new()
            .route("/", post(async || pending::<()>().await))
            .layer(from_fn_with_state(longest, keep));
        let request = grpc_timeout
            .into_iter()
            .fold(Request::post("/"), |request, time| request.header("grpc-timeout", time));
        let request = request.body(Body::empty()).expect("a valid request");
        let response = router.call(request).await.expect("a router always answers");
        Status::from_header_map(response.headers()).expect("the headers hold a status")
    }

    #[tokio::test]
    async fn a_call_ends_when_the_time_of_its_caller_or_that_of_the_server_is_over() {
        let (soon, late) = (Duration::from_millis(10), Duration::from_hours(1));
        for (longest, caller) in [(soon, None), (soon, Some("1H")), (late, Some("10m")), (late, Some("0n"))] {
            let status = answer_to(longest, caller).await;

            assert_eq!(status.code(), Code::DeadlineExceeded, "{longest:?} {caller:?}: {status}");
            let code = status.metadata().get(proto::ERROR_CODE_TRAILER).expect("an error code");
            assert_eq!(code, "deadline_exceeded", "{longest:?} {caller:?}");
        }
    }

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        let table = [
            ("2H", Some(Duration::from_hours(2))),
            ("3M", Some(Duration::from_mins(3))),
            ("4S", Some(Duration::from_secs(4))),
            ("99999999m", Some(Duration::from_millis(99_999_999))),
            ("5u", Some(Duration::from_micros(5))),
            ("0n", Some(Duration::ZERO)),
            ("100000000m", None),
            ("5s", None),
            ("+5S", None),
            ("S", None),
            ("", None),
        ];
        for (text, expected) in table {
            let headers = HeaderMap::from_iter([(
                "grpc-timeout".parse().expect("a header name"),
                text.parse().expect("a header value"),
            )]);
            assert_eq!(grpc_timeout(&headers), expected, "{text:?}");
        }
    }
}
