use proptest::prelude::*;

use super::*;

fn frame(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(TYPE_LEN + data.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(kind.to_be_bytes());
    bytes.extend(data);
    bytes
}

fn decode_all(mut bytes: BytesMut) -> Result<Vec<Frame>, ConnectionError> {
    std::iter::from_fn(|| Codec.decode(&mut bytes).transpose()).collect()
}

fn error(code: &str, description: &str) -> Frame {
    Frame::Error { code: code.to_owned(), description: description.to_owned() }
}

#[test]
fn frames_of_every_type_are_read() {
    let mut message = 1_500_000_000_u64.to_be_bytes().to_vec();
    message.extend(3_u16.to_be_bytes());
    message.extend(b"0123456789abcdef");
    message.extend(b"body");
    let expected_message = RawMessage {
        timestamp: Duration::from_millis(1_500),
        attempts: 3,
        id: MessageId(*b"0123456789abcdef"),
        body: Bytes::from_static(b"body"),
    };
    let table = [
        (frame(0, b"OK"), Frame::Response(Bytes::from_static(b"OK"))),
        (frame(0, b""), Frame::Response(Bytes::new())),
        (frame(0, b"_heartbeat_"), Frame::Heartbeat),
        (frame(1, b"E_INVALID"), error("E_INVALID", "")),
        (frame(1, b"E_BAD_TOPIC no such topic"), error("E_BAD_TOPIC", "no such topic")),
        (frame(2, &message), Frame::Message(expected_message)),
    ];
    for (bytes, expected) in table {
        assert_eq!(decode_all(bytes.as_slice().into()).unwrap(), [expected]);
    }
}

#[test]
fn broken_frames_are_errors() {
    let table = [
        (frame(3, b"x"), "frame type 3 is unknown"),
        (frame(2, &[0; MESSAGE_HEADER_LEN - 1]), "frame is too short for its type"),
        (vec![0, 0, 0, 3, 0, 0, 0], "frame is too short for its type"),
        (vec![1, 0, 0, 1], "16777217 bytes are too long for a frame"),
        (b"HTTP/1.1 400".to_vec(), "1213486160 bytes are too long for a frame"),
    ];
    for (bytes, expected) in table {
        assert_eq!(decode_all(bytes.as_slice().into()).unwrap_err().to_string(), expected);
    }
}

#[test]
fn commands_are_written_as_the_protocol_says() {
    let topic = || Topic::new("t").unwrap();
    let id = MessageId(*b"0123456789abcdef");
    let table: [(Command, &[u8]); 10] = [
        (Command::Identify(Bytes::from_static(b"{}")), b"IDENTIFY\n\0\0\0\x02{}"),
        (Command::Subscribe(topic(), Channel::new("ch#ephemeral").unwrap()), b"SUB t ch#ephemeral\n"),
        (Command::Ready(25), b"RDY 25\n"),
        (Command::Answer(Answer::Finish(id)), b"FIN 0123456789abcdef\n"),
        (Command::Answer(Answer::Requeue(id, Duration::from_millis(1_500))), b"REQ 0123456789abcdef 1500\n"),
        (Command::Touch(id), b"TOUCH 0123456789abcdef\n"),
        (Command::Close, b"CLS\n"),
        (Command::Nop, b"NOP\n"),
        (Command::Publish(topic(), Bytes::from_static(b"abc")), b"PUB t\n\0\0\0\x03abc"),
        (
            Command::PublishMany(topic(), vec![Bytes::from_static(b"a"), Bytes::from_static(b"bc")]),
            b"MPUB t\n\0\0\0\x0f\0\0\0\x02\0\0\0\x01a\0\0\0\x02bc",
        ),
    ];
    for (command, expected) in table {
        let mut buffer = BytesMut::new();
        Codec.encode(command, &mut buffer).unwrap();
        assert_eq!(buffer, expected);
    }
}

proptest! {
    #[test]
    fn frames_survive_any_cut(
        texts in prop::collection::vec("[a-z]{0,40}", 1..8),
        cuts in prop::collection::vec(1..20_usize, 1..50),
    ) {
        let bytes: Vec<u8> = texts.iter().flat_map(|text| frame(0, text.as_bytes())).collect();
        let mut buffer = BytesMut::new();
        let mut read = Vec::new();

        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            let (part, remaining) = rest.split_at((*cut).min(rest.len()));
            buffer.extend_from_slice(part);
            while let Some(frame) = Codec.decode(&mut buffer).unwrap() {
                read.push(frame);
            }
            rest = remaining;
            if rest.is_empty() {
                break;
            }
        }

        let expected: Vec<_> = texts.into_iter().map(|text| Frame::Response(text.into())).collect();
        prop_assert_eq!(read, expected);
        prop_assert!(buffer.is_empty());
    }

    #[test]
    fn no_input_makes_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_all(bytes.as_slice().into());
    }
}
