//! Cookies as they are sent and set (RFC 6265). Their values are percent-encoded, so that they may be any text. Pure.

use axum::http::{HeaderMap, HeaderValue, header};
use url::form_urlencoded;

/// How long a browser keeps a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// Until it is closed.
    Session,
    Seconds(u32),
    /// Not at all: the cookie goes.
    Nothing,
}

/// The value of a cookie, of the first one if there are several. An empty one is none.
pub(crate) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value).next()?;
    let (value, _) = form_urlencoded::parse(value.as_bytes()).next()?;
    Some(value.into_owned())
}

/// A cookie that no script reads and no other site has sent along.
pub(crate) fn set(name: &str, value: &str, keeps: Keeps, is_secure: bool) -> HeaderValue {
    let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let age = match keeps {
        Keeps::Session => String::new(),
        Keeps::Seconds(seconds) => format!("; Max-Age={seconds}"),
        Keeps::Nothing => "; Max-Age=0".to_owned(),
    };
    let secure = if is_secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}");
    HeaderValue::from_str(&cookie).expect("an encoded value has only letters that a header may have")
}

/// Has a browser forget a cookie.
pub(crate) fn forget(name: &str) -> HeaderValue {
    set(name, "", Keeps::Nothing, false)
}

/// Whether the browser asked over TLS, by the word of the proxy before us.
pub(crate) fn is_secure(headers: &HeaderMap) -> bool {
    let protocol = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    protocol.and_then(|list| list.split(',').next()).is_some_and(|first| first.trim() == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookies: &str) -> HeaderMap {
        [(header::COOKIE, HeaderValue::from_str(cookies).expect("a header"))].into_iter().collect()
    }

    #[test]
    fn any_text_comes_back_as_it_was_set() {
        for text in ["a", "Zoë; Path=/ \"x\" = & + %41", "\u{1F600}\r\nx: y"] {
            let set = set("name", text, Keeps::Session, false);
            let (pair, _) = set.to_str().expect("ASCII").split_once(';').expect("attributes follow");
            let headers = sent(&format!("other=1; {pair}; name=late"));
            assert_eq!(read(&headers, "name").as_deref(), Some(text));
        }
    }

    #[test]
    fn a_cookie_that_is_not_there_or_empty_is_none() {
        for cookies in ["other=1", "name=", "name", "xname=1", ""] {
            assert_eq!(read(&sent(cookies), "name"), None, "{cookies}");
        }
    }

    #[test]
    fn no_script_and_no_other_site_has_it() {
        let table = [
            (Keeps::Session, false, "a=b+c; Path=/; HttpOnly; SameSite=Strict"),
            (Keeps::Seconds(60), true, "a=b+c; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure"),
            (Keeps::Nothing, false, "a=b+c; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"),
        ];
        for (keeps, is_secure, cookie) in table {
            assert_eq!(set("a", "b c", keeps, is_secure), cookie);
        }
    }

    #[test]
    fn the_proxy_nearest_to_the_browser_says_whether_it_is_tls() {
        for (protocol, secure) in
            [("https", true), ("https, http", true), ("http", false), ("http, https", false)]
        {
            let headers =
                [("x-forwarded-proto".parse().expect("a name"), protocol.parse().expect("a value"))];
            assert_eq!(is_secure(&headers.into_iter().collect()), secure, "{protocol}");
        }
        assert!(!is_secure(&HeaderMap::new()));
    }
}
