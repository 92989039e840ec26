//! The header `Idempotency-Key`, by which a client names a request that it may have to send again.
//! Source: IETF draft-ietf-httpapi-idempotency-key-header, section 2.

use axum::http::HeaderMap;
use thiserror::Error;

/// The header's name.
pub(crate) const HEADER: &str = "idempotency-key";
/// Width of the column that holds a key.
const MAX_CHARACTERS: usize = 255;

/// A checked key: 1 to 255 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

/// Why a header is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum KeyError {
    #[error("there is more than one Idempotency-Key: send one")]
    Several,
    #[error("the Idempotency-Key is empty: send a random text, for instance a UUID, or no such header")]
    Empty,
    #[error("the Idempotency-Key is longer than {MAX_CHARACTERS} characters: send a UUID, for instance")]
    TooLong,
    #[error(
        "the Idempotency-Key has other characters than printable ASCII, or an open quote: send a UUID, for instance"
    )]
    Malformed,
}

impl IdempotencyKey {
    /// The key of a request, if it has one.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, KeyError> {
        let mut values = headers.get_all(HEADER).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => {
                value.to_str().map_err(|_| KeyError::Malformed).and_then(Self::parse).map(Some)
            }
            (Some(_), Some(_)) => Err(KeyError::Several),
        }
    }

    /// The draft wants a text in quotes; most clients send it without. Both are the same key.
    fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim_matches([' ', '\t']);
        let key = match text.strip_prefix('"') {
            Some(quoted) => unquote(quoted).ok_or(KeyError::Malformed)?,
            None => text.to_owned(),
        };
        match key.chars().count() {
            _ if !key.bytes().all(|byte| matches!(byte, b' '..=b'~')) => Err(KeyError::Malformed),
            0 => Err(KeyError::Empty),
            length if length > MAX_CHARACTERS => Err(KeyError::TooLong),
            _ => Ok(Self(key)),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands in quotes; the first one is gone already. Source: RFC 9651, section 4.2.5.
fn unquote(quoted: &str) -> Option<String> {
    let mut key = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(key),
            '\\' => key.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            character => key.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_is_a_text_with_or_without_quotes() {
        let longest = "x".repeat(MAX_CHARACTERS);
        let table = [
            (r#""8e03978e-40d5-43dd-bc93-6894a57f9324""#, "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            (" a b ", "a b"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (r#""  ""#, "  "),
            (&longest, &longest),
        ];
        for (text, key) in table {
            assert_eq!(IdempotencyKey::parse(text), Ok(IdempotencyKey(key.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_reason() {
        let too_long = "x".repeat(MAX_CHARACTERS + 1);
        let table = [
            ("", KeyError::Empty),
            ("  ", KeyError::Empty),
            (r#""""#, KeyError::Empty),
            (&too_long, KeyError::TooLong),
            (r#""open"#, KeyError::Malformed),
            (r#""a" b"#, KeyError::Malformed),
            (r#""a\b""#, KeyError::Malformed),
            ("a\tb", KeyError::Malformed),
        ];
        for (text, reason) in table {
            assert_eq!(IdempotencyKey::parse(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn a_request_has_one_key_or_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(IdempotencyKey::of(&headers), Ok(None));

        headers.append(HEADER, HeaderValue::from_static("a"));
        assert_eq!(IdempotencyKey::of(&headers), Ok(Some(IdempotencyKey("a".to_owned()))));

        headers.append(HEADER, HeaderValue::from_static("a"));
        assert_eq!(IdempotencyKey::of(&headers), Err(KeyError::Several));
    }
}
