//! The W3C trace context that a request may carry in its header `traceparent`, kept so that one trace follows an
//! image through the queue. Source: W3C Trace Context, section 3.2.

use axum::http::HeaderMap;

/// A `traceparent` of version 00: `00-<32 hex>-<16 hex>-<2 hex>`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext(String);

impl TraceContext {
    /// The context of a request. A header that is none is passed over, as the specification asks.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        headers.get("traceparent")?.to_str().ok().and_then(Self::parse)
    }

    /// What is none is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [version @ "00", trace, parent, flags] = parts[..] else { return None };
        let shaped = [(version, 2), (trace, 32), (parent, 16), (flags, 2)]
            .iter()
            .all(|(part, length)| part.len() == *length && part.bytes().all(is_lower_hex));
        let marked = [trace, parent].iter().all(|part| part.bytes().any(|digit| digit != b'0'));
        (shaped && marked).then(|| Self(text.to_owned()))
    }

    /// As the header had it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_traceparent_of_version_00_is_taken() {
        let table = [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
            ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", false),
            ("", false),
        ];
        for (text, taken) in table {
            assert_eq!(TraceContext::parse(text).is_some(), taken, "{text}");
        }
    }
}
