//! Forms as a browser sends them, and what it does with the answer.

use axum::http::HeaderValue;
use url::form_urlencoded::Serializer;

use super::*;

/// What a browser is told to do.
pub(super) struct Redirect {
    pub(super) to: String,
    /// The cookies that it gets.
    pub(super) cookies: Vec<String>,
}

impl Frontend {
    /// A form of one of our pages.
    pub(super) async fn post(&self, address: &str, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        self.post_with(address, fields, &[("sec-fetch-site", "same-origin")]).await
    }

    /// The same, with these headers.
    pub(super) async fn post_with(
        &self,
        address: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Page> {
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        self.send(address, &[headers, &[form_type]].concat(), form).await
    }

    /// A form with these files, by their names.
    pub(super) async fn post_files(
        &self,
        address: &str,
        files: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Page> {
        let mut body = String::new();
        for (name, text) in files {
            let place = format!("content-disposition: form-data; name=\"files\"; filename=\"{name}\"");
            body.extend(["--cut\r\n", &place, "\r\ncontent-type: image/jpeg\r\n\r\n", text, "\r\n"]);
        }
        body.push_str("--cut--\r\n");
        let form_type = ("content-type", "multipart/form-data; boundary=cut");
        self.send(address, &[headers, &[form_type]].concat(), body).await
    }

    async fn send(&self, address: &str, headers: &[(&str, &str)], body: String) -> anyhow::Result<Page> {
        let mut request = Request::post(address).header(header::HOST, "pages");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, body) = self.router.clone().oneshot(request.body(Body::from(body))?).await?.into_parts();
        let text = String::from_utf8(to_bytes(body, PAGE_BYTES).await?.to_vec())?;
        Ok(Page { status: head.status, headers: head.headers, text })
    }

    /// A page with these cookies.
    pub(super) async fn get_with(&self, address: &str, cookies: &str) -> anyhow::Result<Page> {
        let request = Request::get(address).header(header::COOKIE, cookies).body(Body::empty())?;
        let (head, body) = self.router.clone().oneshot(request).await?.into_parts();
        let text = String::from_utf8(to_bytes(body, PAGE_BYTES).await?.to_vec())?;
        Ok(Page { status: head.status, headers: head.headers, text })
    }

    /// The page that a form leads to, with what it tells of the form.
    pub(super) async fn follow_redirect(&self, redirect: &Redirect) -> anyhow::Result<Page> {
        let (address, _) = redirect.to.split_once('#').unwrap_or((&redirect.to, ""));
        self.get_with(address, &redirect.sent_cookies()).await
    }
}

impl Redirect {
    /// The cookies as the browser sends them.
    pub(super) fn sent_cookies(&self) -> String {
        let cookies: Vec<&str> = self.cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
        cookies.join("; ")
    }
}

impl Page {
    /// Where the browser is sent.
    #[track_caller]
    pub(super) fn redirect(&self) -> Redirect {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        let text = |value: &HeaderValue| value.to_str().expect("ASCII").to_owned();
        Redirect {
            to: text(&self.headers[header::LOCATION]),
            cookies: self.headers.get_all(header::SET_COOKIE).iter().map(text).collect(),
        }
    }
}
