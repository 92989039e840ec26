//! Where the recogniser is, in the forms of `RECOGNITION`. Pure.

use std::str::FromStr;

use thiserror::Error;
use tonic::transport::Uri;

/// One recogniser, or any of those that have one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecogniserAddress(Uri);

/// Why a text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Where several are found in another way than by their name.
    #[error(
        "the receiver asks one recogniser: name it, or the service that leads to one, as http://host:port"
    )]
    Several,
    /// No host, no port, or more than that.
    #[error("give http://host:port, for instance http://127.0.0.1:50051")]
    Malformed,
}

impl RecogniserAddress {
    pub(crate) fn uri(&self) -> Uri {
        self.0.clone()
    }
}

impl FromStr for RecogniserAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Malformed)?;
        let first = match scheme {
            "http" | "dns" => rest,
            "list" => rest.split(',').next().unwrap_or_default().trim(),
            "kube" => return Err(AddressError::Several),
            _ => return Err(AddressError::Malformed),
        };
        let uri: Uri =
            format!("http://{}", first.trim_end_matches('/')).parse().map_err(|_| AddressError::Malformed)?;
        let is_plain = uri.path() == "/" && uri.query().is_none() && uri.port_u16().is_some();
        if is_plain && uri.host().is_some_and(|host| !host.is_empty()) {
            Ok(Self(uri))
        } else {
            Err(AddressError::Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_recogniser_is_named_in_any_form_that_leads_to_one() {
        let table = [
            ("http://127.0.0.1:50051", Ok("http://127.0.0.1:50051/")),
            ("http://recogniser:50051/", Ok("http://recogniser:50051/")),
            ("http://[::1]:50051", Ok("http://[::1]:50051/")),
            ("dns://face-recognition:50051", Ok("http://face-recognition:50051/")),
            ("list://a:1,b:2", Ok("http://a:1/")),
            ("kube://rollcall/face-recognition:grpc", Err(AddressError::Several)),
            ("https://a:1", Err(AddressError::Malformed)),
            ("http://a", Err(AddressError::Malformed)),
            ("http://:1", Err(AddressError::Malformed)),
            ("http://a:1/b", Err(AddressError::Malformed)),
            ("list://", Err(AddressError::Malformed)),
            ("a:1", Err(AddressError::Malformed)),
            ("", Err(AddressError::Malformed)),
        ];
        for (text, expected) in table {
            let address: Result<RecogniserAddress, _> = text.parse();
            let uri = address.map(|address| address.uri().to_string());
            assert_eq!(uri.as_deref().map_err(|error| *error), expected, "{text:?}");
        }
    }
}
