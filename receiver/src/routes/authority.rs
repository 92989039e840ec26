//! Who may change something under `/api/v1`: whoever shows the token of `API_TOKEN_FILE`, or where none is configured,
//! whoever is on the machine, while the receiver listens there alone. A layer around each route that changes something.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use service_kit::bearer::{Access, Denied};

use crate::problem::Problem;

/// Lets a request through that may change something, for `axum::middleware::from_fn_with_state`.
pub(super) async fn required(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    match admit(&access, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Why a request is not let through.
enum Refusal {
    Denied(Denied),
    ForeignOrigin,
}

fn admit(access: &Access, headers: &HeaderMap) -> Result<(), Refusal> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    access.admit(authorization).map_err(Refusal::Denied)?;
    // Without a token, everybody counts who can reach the port: also a page of another site, through the browser of
    // somebody who is on this machine. Browsers say whose page it is, and cannot be made not to.
    if matches!(access, Access::Local) && headers.get(header::ORIGIN).is_some_and(|origin| !is_local(origin))
    {
        return Err(Refusal::ForeignOrigin);
    }
    Ok(())
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Denied(denied @ Denied::TokenMissing) => {
                let problem = Problem::plain(StatusCode::UNAUTHORIZED, "token_missing", denied.to_string());
                ([(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))], problem).into_response()
            }
            Self::Denied(denied @ Denied::NotLocal) => {
                Problem::plain(StatusCode::FORBIDDEN, "not_local", denied.to_string()).into_response()
            }
            Self::ForeignOrigin => Problem::plain(
                StatusCode::FORBIDDEN,
                "foreign_origin",
                "a page of another site may not change anything: set API_TOKEN_FILE, and have the token sent",
            )
            .into_response(),
        }
    }
}

fn is_local(origin: &HeaderValue) -> bool {
    let uri: Option<Uri> = origin.to_str().ok().and_then(|origin| origin.parse().ok());
    let host = uri.as_ref().and_then(Uri::host).map(|host| host.trim_matches(['[', ']']));
    host.is_some_and(|host| {
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_machine_are_local() {
        let table = [
            ("http://127.0.0.1:8081", true),
            ("http://localhost:3000", true),
            ("http://[::1]:8000", true),
            ("https://example.org", false),
            ("http://localhost.example.org", false),
            ("http://10.0.0.1", false),
            ("null", false),
            ("", false),
        ];
        for (origin, local) in table {
            assert_eq!(is_local(&HeaderValue::from_static(origin)), local, "{origin:?}");
        }
    }
}
