//! One open page: what it shows, and the events that wait for it.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::body::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::mpsc::{self, error::TrySendError};

use super::{Cursor, event};
use crate::{add_page::MOST_SHOWN, table_page::PAGE_SIZE};

/// Events that may wait for a page: the changes of two whole pages of the most rows.
const WAITING: usize = 2 * MOST_SHOWN;

/// A page that wants to be told.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) shown: BTreeSet<u64>,
    /// Whether it shows new images, too.
    pub(super) takes_new: bool,
    /// What it was told of already.
    pub(super) since: Cursor,
    /// `None` once the page is given up.
    events: Option<mpsc::Sender<Bytes>>,
    is_slow: Arc<AtomicBool>,
}

impl Subscription {
    /// The subscription, and the events as the body of an answer.
    pub(super) fn new(
        shown: BTreeSet<u64>,
        takes_new: bool,
        since: Cursor,
    ) -> (Self, impl Stream<Item = Result<Bytes, std::convert::Infallible>> + use<>) {
        let (events, waiting) = mpsc::channel(WAITING);
        let is_slow = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_slow);
        let stream = stream::unfold(Some(waiting), move |waiting| {
            let is_slow = Arc::clone(&told);
            async move {
                let mut waiting = waiting?;
                match waiting.recv().await {
                    Some(event) => Some((Ok(event), Some(waiting))),
                    // Nobody sends any more: the process stops, or this page was too slow.
                    None => is_slow.load(Ordering::Relaxed).then_some((Ok(event::RELOAD), None)),
                }
            }
        });
        (Self { shown, takes_new, since, events: Some(events), is_slow }, stream)
    }

    /// Whether the page shows this image, or would.
    pub(super) fn wants(&self, id: u64) -> bool {
        self.shown.contains(&id) || (self.takes_new && self.shown.last().is_none_or(|newest| id > *newest))
    }

    /// Notes that the page shows a new image now, and no longer the oldest one.
    pub(super) fn now_shows(&mut self, id: u64) {
        self.shown.insert(id);
        if self.takes_new && self.shown.len() > PAGE_SIZE {
            self.shown.pop_first();
        }
    }

    /// Tells the page nothing more.
    pub(super) fn give_up(&mut self) {
        self.events = None;
    }

    /// Whether nobody hears what is told.
    pub(super) fn is_gone(&self) -> bool {
        self.events.as_ref().is_none_or(mpsc::Sender::is_closed)
    }

    /// Leaves an event for the page; `false` when the page is gone or does not read what waits for it.
    pub(super) fn send(&self, event: Bytes) -> bool {
        match self.events.as_ref().map(|events| events.try_send(event)) {
            Some(Ok(())) => true,
            None | Some(Err(TrySendError::Closed(_))) => false,
            Some(Err(TrySendError::Full(_))) => {
                self.is_slow.store(true, Ordering::Relaxed);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::StreamExt as _;

    use super::*;

    #[test]
    fn a_page_wants_its_own_rows_and_newer_ones_if_it_takes_them() {
        let (mut page, _events) = Subscription::new([5, 7].into(), true, 0);
        assert_eq!([4, 5, 6, 7, 8].map(|id| page.wants(id)), [false, true, false, true, true]);
        page.now_shows(8);
        assert!(page.wants(8) && page.wants(9));

        let (old, _events) = Subscription::new([5, 7].into(), false, 0);
        assert!(old.wants(5) && !old.wants(8));
        let (mut empty, _events) = Subscription::new([].into(), true, 0);
        assert!(empty.wants(1));
        (1..=60).for_each(|id| empty.now_shows(id));
        assert_eq!((empty.shown.len(), empty.shown.first()), (PAGE_SIZE, Some(&11)));
    }

    #[tokio::test]
    async fn a_page_that_does_not_read_is_told_to_load_again() {
        let (page, events) = Subscription::new([].into(), true, 0);
        let sent = (0..1000).take_while(|_| page.send(event::HEARTBEAT)).count();
        drop(page);

        let told: Vec<_> = pin!(events).collect().await;

        assert_eq!((sent, told.len()), (WAITING, WAITING + 1));
        assert_eq!(told.last(), Some(&Ok(event::RELOAD)));
    }

    #[tokio::test]
    async fn a_page_that_reads_is_told_everything_and_no_more() {
        let (page, events) = Subscription::new([].into(), true, 0);
        assert!(page.send(event::HEARTBEAT));
        drop(page);

        let told: Vec<_> = pin!(events).collect().await;

        assert_eq!(told, [Ok(event::HEARTBEAT)]);
    }
}
