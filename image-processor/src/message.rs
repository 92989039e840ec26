//! The bodies of messages: the announcement of an image on the topic `images` (its id in the first 8 bytes as
//! little-endian u64, then its W3C trace context, if it has one), and the JSON of a dead letter.

use std::fmt;

use serde::Serialize;
use sqlx::FromRow;

/// The topic that announces images.
pub const TOPIC: &str = "images";
/// The channel that all workers share.
pub const CHANNEL: &str = "ch";

/// The id of a row of `images`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImageId(pub u64);

impl ImageId {
    /// The id that a message announces; `None` for a message that is too short to hold one.
    #[must_use]
    pub fn of(body: &[u8]) -> Option<Self> {
        body.first_chunk().map(|bytes| Self(u64::from_le_bytes(*bytes)))
    }
}

/// What announces an image.
#[must_use]
pub fn announcement(id: ImageId, traceparent: Option<&str>) -> Vec<u8> {
    let mut body = id.0.to_le_bytes().to_vec();
    body.extend(traceparent.unwrap_or_default().bytes());
    body
}

/// An image that was given up, as the topic `images.dead` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct DeadLetter {
    /// Of the image.
    pub id: u64,
    /// As it is stored.
    pub path: String,
    /// What it failed of, for programs.
    pub error_code: Option<String>,
    /// The same for people.
    pub error_detail: Option<String>,
    /// Charged attempts of its last round.
    pub attempts: u32,
    /// Leases that ran out and connections that were lost.
    pub losses: u32,
    /// Rounds after the first.
    pub rounds: u32,
}

impl DeadLetter {
    /// The topic of dead letters.
    pub const TOPIC: &str = "images.dead";
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
    fn an_announcement_is_read_as_the_id_that_it_announces() {
        for traceparent in [None, Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")] {
            let body = announcement(ImageId(263), traceparent);

            assert_eq!(ImageId::of(&body), Some(ImageId(263)));
            assert_eq!(&body[8..], traceparent.unwrap_or_default().as_bytes());
        }
    }

    #[test]
    fn a_message_shorter_than_eight_bytes_holds_no_id() {
        for length in 0..8 {
            assert_eq!(ImageId::of(&vec![1; length]), None, "{length} bytes");
        }
    }
}
