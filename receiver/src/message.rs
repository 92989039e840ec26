//! The body of a message on the topic `images`: 8 bytes, the id of the image as little-endian u64, which is all that
//! a reader needs; behind them, where there is one, the W3C trace context as text.

use crate::trace_context::TraceContext;

/// The topic that workers listen to.
pub const TOPIC: &str = "images";

/// What announces the image `id`.
#[must_use]
pub fn body(id: u64, trace_context: Option<&TraceContext>) -> Vec<u8> {
    let mut body = id.to_le_bytes().to_vec();
    body.extend(trace_context.map_or("", TraceContext::as_str).bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_eight_bytes_are_the_id_in_little_endian() {
        assert_eq!(body(0x0102_0304, None), [4, 3, 2, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn the_trace_context_follows_the_id() {
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let context = TraceContext::parse(traceparent).expect("the example of the specification");

        assert_eq!(&body(7, Some(&context))[8..], traceparent.as_bytes());
    }
}
