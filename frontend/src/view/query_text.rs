//! Texts as they stand in the query of an address (RFC 3986, section 2). Pure.

use std::fmt::Write as _;

/// A path with these words behind it.
pub(super) fn address(path: &str, words: &[(&str, String)]) -> String {
    let mut address = path.to_owned();
    for (number, (name, value)) in words.iter().enumerate() {
        address.push(if number == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        push_encoded(&mut address, value);
    }
    address
}

fn push_encoded(address: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                address.push(byte.into());
            }
            _ => write!(address, "%{byte:02X}").expect("a text takes any text"),
        }
    }
}
