#![doc = include_str!("../README.md")]

mod address;
mod backoff;
mod codec;
mod connection;
mod consumer;
mod error;
mod message;
mod name;
mod producer;
mod tasks;

pub use address::Address;
pub use connection::ConnectionOptions;
pub use consumer::{Consumer, ConsumerControl, ConsumerOptions, ConsumerStatus};
pub use error::{AddressError, NameError, NoAddresses, PublishError, StaleMessage};
pub use message::{Message, MessageId};
pub use name::{Channel, Topic};
pub use producer::{Producer, ProducerOptions};
