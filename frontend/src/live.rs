//! Open pages follow what happens: server-sent events (`/live`), one for each row that changed.
//!
//! One task asks the database once a second what changed, however many browsers are open, and renders each row that
//! anybody shows once for all of them. Nobody looks: nothing is asked.
//!
//! | module | what |
//! |---|---|
//! | `watch` | the task |
//! | `window` | which changes are new: pure |
//! | `client` | one open page |
//! | `event` | events as they are sent: pure |
//! | `route` | the address |

mod client;
mod event;
mod route;
mod watch;
mod window;

use std::fmt::Write as _;

use time::OffsetDateTime;
use tokio::sync::mpsc;

use crate::store::ImageRow;
use client::Subscription;

pub(crate) use route::handle;
pub(crate) use watch::run;

/// Pages that may ask to be told at the same moment.
const ASKING: usize = 1024;

/// Takes pages in that want to be told.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    asking: mpsc::Sender<Subscription>,
}

/// What [`run`] is given.
pub(crate) struct Asking(mpsc::Receiver<Subscription>);

impl Live {
    pub(crate) fn new() -> (Self, Asking) {
        let (asking, asked) = mpsc::channel(ASKING);
        (Self { asking }, Asking(asked))
    }
}

/// A moment as the id of an event, in microseconds since 1970.
type Cursor = i64;

fn cursor(moment: OffsetDateTime) -> Cursor {
    i64::try_from(moment.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

/// Where a page with these rows hears of their changes, and of new images if it takes them.
pub(crate) fn address(rows: &[ImageRow], takes_new: bool) -> String {
    let mut address = String::from("/live?rows=");
    for (number, row) in rows.iter().enumerate() {
        let separator = if number == 0 { "" } else { "," };
        write!(address, "{separator}{}", row.id).expect("a text takes any text");
    }
    if takes_new {
        address.push_str("&new=1");
    }
    // Without a row nobody knows when the page was read; what is newer than nothing is everything.
    let since = rows.iter().map(|row| cursor(row.read_at)).min().unwrap_or(0);
    write!(address, "&since={since}").expect("a text takes any text");
    address
}
