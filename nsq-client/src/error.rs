//! Every error of this crate: the public ones name what the caller can decide about, the private
//! [`ConnectionError`] and [`LookupError`] are what ends one connection or one question and are only logged.

use std::io;

/// Why a publish did not end with nsqd's `OK`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// nsqd refused the message; sending the same one again will not help.
    #[error("nsqd rejected the message: {code} {description}")]
    Rejected {
        /// The first word of nsqd's error frame, such as `E_BAD_MESSAGE`.
        code: String,
        /// The rest of the error frame, in nsqd's words.
        description: String,
    },
    /// The message was sent, then the connection was lost or the deadline passed. It may be stored.
    #[error("the message was sent but not acknowledged: it may be stored")]
    Unknown,
    /// The message was surely not sent, to none of the producer's nsqds.
    #[error("no connection to nsqd: the message was not sent")]
    NotConnected,
}

/// The connection that delivered the message is gone, and with it the right to answer the message.
/// nsqd will deliver it again, to this consumer or to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message's connection is gone: nsqd will deliver it again")]
pub struct StaleMessage;

/// A producer was given no nsqd address, or a consumer neither nsqd nor nsqlookupd addresses, so it could
/// never connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no address is given: a producer needs an nsqd, a consumer an nsqd or an nsqlookupd")]
pub struct NoAddresses;

/// The text is not a topic or channel name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no NSQ name: 1 to 64 of [.a-zA-Z0-9_-], with an optional #ephemeral in these 64")]
pub struct NameError(pub(crate) String);

/// The text is not `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address: host:port is wanted, with IPv6 addresses in brackets")]
pub struct AddressError(pub(crate) String);

/// Why a connection could not be made, or ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("nsqd did not answer in time")]
    Timeout,
    #[error("nsqd closed the connection")]
    Closed,
    #[error("nsqd refused: {code} {description}")]
    Refused { code: String, description: String },
    #[error("nsqd sent something unexpected: {0}")]
    Unexpected(&'static str),
    #[error("frame type {0} is unknown")]
    UnknownFrameType(u32),
    #[error("{0} bytes are too long for a frame")]
    TooLong(usize),
    #[error("frame is too short for its type")]
    TooShort,
    #[error("messages are delivered, time out and come again, but are never answered")]
    NeverAnswered,
}

/// Why an nsqlookupd gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    /// With its causes, which reqwest leaves out of its own text.
    #[error("{0:?}")]
    Http(#[from] reqwest::Error),
    #[error("its status is {0}")]
    Status(reqwest::StatusCode),
    #[error("its answer is too long")]
    TooLong,
    #[error("its answer is not the JSON of a lookup: {0}")]
    Json(#[from] serde_json::Error),
}
