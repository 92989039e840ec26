//! The id in a message of the topic `images`: the first 8 bytes, little-endian u64; what follows is not for us.

use std::fmt;

/// The topic that announces images.
pub(crate) const TOPIC: &str = "images";
/// The channel that all workers share.
pub(crate) const CHANNEL: &str = "ch";

/// The id of a row of `images`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ImageId(pub(crate) u64);

impl ImageId {
    /// The id that a message announces; `None` for a message that is too short to hold one.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        body.first_chunk().map(|bytes| Self(u64::from_le_bytes(*bytes)))
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_read_from_the_first_eight_bytes() {
        assert_eq!(ImageId::of(&[7, 1, 0, 0, 0, 0, 0, 0]), Some(ImageId(263)));
        assert_eq!(ImageId::of(&[7, 1, 0, 0, 0, 0, 0, 0, b'0', b'0']), Some(ImageId(263)));
    }

    #[test]
    fn a_message_shorter_than_eight_bytes_holds_no_id() {
        for length in 0..8 {
            assert_eq!(ImageId::of(&vec![1; length]), None, "{length} bytes");
        }
    }
}
