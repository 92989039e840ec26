//! NSQ's wire format, both ways. Decoding keeps its state in the read buffer alone, so a read that is
//! cancelled between two bytes loses nothing.
//!
//! Source: <https://nsq.io/clients/tcp_protocol_spec.html>. Sizes are big-endian; frames from nsqd carry
//! a size and a type, commands to nsqd are a line of text and, for some, a sized body.

use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use crate::{Channel, MessageId, Topic, error::ConnectionError};

/// Sixteen times nsqd's default limit for a message. More is no frame but a lost place in the stream.
const MAX_FRAME_LEN: usize = 16 * 1024 * 1024;
const SIZE_LEN: usize = 4;
const TYPE_LEN: usize = 4;
const MESSAGE_HEADER_LEN: usize = 8 + 2 + 16;

/// What nsqd sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    /// To be answered with [`Command::Nop`].
    Heartbeat,
    /// `OK`, or JSON as the answer to IDENTIFY.
    Response(Bytes),
    Error {
        code: String,
        description: String,
    },
    Message(RawMessage),
}

/// A message as delivered, before it is tied to its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawMessage {
    /// Since the Unix epoch, when nsqd took the message.
    pub(crate) timestamp: Duration,
    pub(crate) attempts: u16,
    pub(crate) id: MessageId,
    pub(crate) body: Bytes,
}

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// A JSON document.
    Identify(Bytes),
    Subscribe(Topic, Channel),
    Ready(u32),
    Answer(Answer),
    /// Restarts the timeout of a message in flight.
    Touch(MessageId),
    /// Asks for `CLOSE_WAIT`: no more messages, while those in flight can still be answered.
    Close,
    Nop,
    Publish(Topic, Bytes),
    PublishMany(Topic, Vec<Bytes>),
}

/// What a consumer says about a message that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Finish(MessageId),
    Requeue(MessageId, Duration),
}

impl Answer {
    pub(crate) fn id(self) -> MessageId {
        let (Self::Finish(id) | Self::Requeue(id, _)) = self;
        id
    }
}

#[derive(Debug, Default)]
pub(crate) struct Codec;

impl Decoder for Codec {
    type Item = Frame;
    type Error = ConnectionError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, ConnectionError> {
        let Some(mut size) = buffer.get(..SIZE_LEN) else {
            return Ok(None);
        };
        let size = size.get_u32() as usize;
        if size > MAX_FRAME_LEN {
            return Err(ConnectionError::TooLong(size));
        }
        if buffer.len() < SIZE_LEN + size {
            buffer.reserve(SIZE_LEN + size - buffer.len());
            return Ok(None);
        }
        buffer.advance(SIZE_LEN);
        parse(buffer.split_to(size).freeze()).map(Some)
    }
}

/// Reads one frame without its size.
fn parse(mut frame: Bytes) -> Result<Frame, ConnectionError> {
    if frame.len() < TYPE_LEN {
        return Err(ConnectionError::TooShort);
    }
    match frame.get_u32() {
        0 if frame == "_heartbeat_" => Ok(Frame::Heartbeat),
        0 => Ok(Frame::Response(frame)),
        1 => {
            let text = String::from_utf8_lossy(&frame);
            let (code, description) = text.split_once(' ').unwrap_or((&text, ""));
            Ok(Frame::Error { code: code.to_owned(), description: description.to_owned() })
        }
        2 if frame.len() < MESSAGE_HEADER_LEN => Err(ConnectionError::TooShort),
        2 => {
            let timestamp = Duration::from_nanos(frame.get_u64());
            let attempts = frame.get_u16();
            let mut id = [0; 16];
            frame.copy_to_slice(&mut id);
            Ok(Frame::Message(RawMessage { timestamp, attempts, id: MessageId(id), body: frame }))
        }
        unknown => Err(ConnectionError::UnknownFrameType(unknown)),
    }
}

impl Encoder<Command> for Codec {
    type Error = ConnectionError;

    fn encode(&mut self, command: Command, buffer: &mut BytesMut) -> Result<(), ConnectionError> {
        match command {
            Command::Identify(json) => {
                buffer.put_slice(b"IDENTIFY\n");
                put_sized(buffer, &json)?;
            }
            Command::Subscribe(topic, channel) => put_line(buffer, &format!("SUB {topic} {channel}")),
            Command::Ready(count) => put_line(buffer, &format!("RDY {count}")),
            Command::Answer(Answer::Finish(id)) => put_line(buffer, &format!("FIN {id}")),
            Command::Answer(Answer::Requeue(id, delay)) => {
                put_line(buffer, &format!("REQ {id} {}", delay.as_millis()));
            }
            Command::Touch(id) => put_line(buffer, &format!("TOUCH {id}")),
            Command::Close => put_line(buffer, "CLS"),
            Command::Nop => put_line(buffer, "NOP"),
            Command::Publish(topic, body) => {
                put_line(buffer, &format!("PUB {topic}"));
                put_sized(buffer, &body)?;
            }
            Command::PublishMany(topic, bodies) => {
                put_line(buffer, &format!("MPUB {topic}"));
                let total = SIZE_LEN + bodies.iter().map(|body| SIZE_LEN + body.len()).sum::<usize>();
                buffer.put_u32(size(total)?);
                buffer.put_u32(size(bodies.len())?);
                bodies.iter().try_for_each(|body| put_sized(buffer, body))?;
            }
        }
        Ok(())
    }
}

fn put_line(buffer: &mut BytesMut, line: &str) {
    buffer.put_slice(line.as_bytes());
    buffer.put_u8(b'\n');
}

fn put_sized(buffer: &mut BytesMut, body: &[u8]) -> Result<(), ConnectionError> {
    buffer.put_u32(size(body.len())?);
    buffer.put_slice(body);
    Ok(())
}

fn size(len: usize) -> Result<u32, ConnectionError> {
    u32::try_from(len).map_err(|_| ConnectionError::TooLong(len))
}

#[cfg(test)]
mod tests;
