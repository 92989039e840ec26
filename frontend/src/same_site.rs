//! Pages of other sites change nothing here: what a browser sends for one of them is refused. A layer around every route.
//!
//! The cookies are not sent along for other sites either (`SameSite=Strict`). But an API that runs without a token takes
//! whatever the frontend sends, and so does one whose network lets nobody else in.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::error_page::PageError;

/// For `axum::middleware::from_fn`.
pub(crate) async fn required(request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if only_reads || is_ours(request.headers()) {
        next.run(request).await
    } else {
        PageError::OfAnotherSite.into_response()
    }
}

/// Whether the page that had this sent is one of ours. Browsers say whose page it is, and no page can make them say
/// something else: all of today by `Sec-Fetch-Site` where the connection is TLS or on this machine, and every one by
/// `Origin` with each POST. So what has neither is no browser but a program, which nobody else's page has in its hands.
fn is_ours(headers: &HeaderMap) -> bool {
    let said =
        |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or_default());
    match (said("sec-fetch-site"), said(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            let ours = said(header::HOST.as_str());
            host.zip(ours).is_some_and(|(host, ours)| !host.is_empty() && host.eq_ignore_ascii_case(ours))
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_and_programs_may_send_a_form() {
        let table: [(Option<&str>, Option<&str>, bool); 16] = [
            (Some("same-origin"), Some("http://pages:8081"), true),
            (Some("none"), None, true),
            (Some("same-site"), Some("http://pages:8081"), false),
            (Some("cross-site"), Some("http://pages:8081"), false),
            (Some("cross-site"), None, false),
            (Some(""), None, false),
            (None, Some("http://pages:8081"), true),
            (None, Some("https://PAGES:8081"), true),
            (None, Some("http://pages"), false),
            (None, Some("http://pages:8081.example.org"), false),
            (None, Some("http://example.org"), false),
            (None, Some("ftp://pages:8081"), false),
            (None, Some("null"), false),
            (None, Some(""), false),
            (None, Some("http://"), false),
            (None, None, true),
        ];
        for (site, origin, ours) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "pages:8081".parse().expect("a value"));
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().expect("a value"));
                }
            }
            assert_eq!(is_ours(&headers), ours, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn without_a_host_no_origin_is_ours() {
        let headers = [(header::ORIGIN, "http://pages".parse().expect("a value"))];
        assert!(!is_ours(&headers.into_iter().collect()));
    }
}
