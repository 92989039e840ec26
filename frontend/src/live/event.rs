//! Events as they are sent (HTML Living Standard, section 9.2). Pure.

use axum::body::Bytes;

use super::Cursor;

/// Keeps the connection open where something between closes those that are silent.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");
/// The page is to be loaded again: it was too slow to be told everything.
pub(super) const RELOAD: Bytes = Bytes::from_static(b"event: reload\ndata:\n\n");

/// The first event: how soon a browser that lost the connection comes back, and from where on it was told.
pub(super) fn hello(cursor: Cursor) -> Bytes {
    format!("retry: 2000\nid: {cursor}\nevent: hello\ndata:\n\n").into()
}

/// A row as it is now.
pub(super) fn row(cursor: Cursor, html: &str) -> Bytes {
    let mut event = format!("id: {cursor}\nevent: row\n");
    // A carriage return would end a line too; none of ours has one, and a path that has is shown the same without.
    for line in html.replace('\r', " ").lines().filter(|line| !line.is_empty()) {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_row_is_data() {
        let event = row(7, "<tr>\n\n<td>a\r\nevent: reload</td>\n</tr>");

        assert_eq!(
            std::str::from_utf8(&event),
            Ok("id: 7\nevent: row\ndata: <tr>\ndata: <td>a \ndata: event: reload</td>\ndata: </tr>\n\n")
        );
    }
}
