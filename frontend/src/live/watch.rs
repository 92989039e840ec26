//! The task that follows the database for all open pages.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use axum::body::Bytes;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::{Asking, Cursor, client::Subscription, cursor, event, window::Window};
use crate::{
    row::Row,
    store::{Store, StoreError},
    table_page::PAGE_SIZE,
};

/// With what a look takes, a change is told within a second.
const EVERY: Duration = Duration::from_millis(900);
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// A database that hangs must not hold up those who come to listen.
const LOOK_TIMEOUT: Duration = Duration::from_secs(10);
/// Changes of one look, and rows that are rendered for it; what is beyond that comes with the next one.
const MOST_CHANGES: u32 = 20_000;
const MOST_ROWS: usize = 500;
/// Open pages. One more is turned away, and follows nothing.
const MOST_PAGES: usize = 2_000;
/// Between the time of a row and that at which a page could have read it.
const DELAY_US: Cursor = 2_000_000;

/// Tells open pages what changes, until the process is told to stop.
pub(crate) async fn run(store: Store, Asking(mut asked): Asking, stopping: CancellationToken) {
    let mut watch = Watch { store, following: None, pages: Vec::new(), rest: BTreeSet::new() };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heartbeat = Instant::now();
    let mut new = Vec::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            Some(page) = asked.recv(), if new.len() < MOST_PAGES => new.push(page),
            _ = ticks.tick() => {
                match timeout(LOOK_TIMEOUT, watch.look(&mut new)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "open pages are not told of changes"),
                    Err(_) => tracing::warn!("open pages are not told of changes: the database does not answer"),
                }
                if heartbeat.elapsed() >= HEARTBEAT_EVERY {
                    heartbeat = Instant::now();
                    watch.pages.retain(|page| page.send(event::HEARTBEAT));
                }
            }
        }
    }
}

struct Watch {
    store: Store,
    following: Option<Following>,
    pages: Vec<Subscription>,
    /// Changed rows that were too many for the last look.
    rest: BTreeSet<u64>,
}

/// What is known while somebody looks.
struct Following {
    window: Window,
    /// The newest images, as many as a page shows.
    newest: BTreeSet<u64>,
}

impl Watch {
    /// What changed goes to the pages that show it; `new` are those that came since the last look.
    async fn look(&mut self, new: &mut Vec<Subscription>) -> Result<(), StoreError> {
        if self.pages.is_empty() && new.is_empty() {
            self.following = None;
            self.rest.clear();
            return Ok(());
        }
        if self.following.is_none() {
            let (now, newest) = self.store.present(u32::try_from(PAGE_SIZE).unwrap_or(u32::MAX)).await?;
            let window = Window::beginning_at(now);
            self.following = Some(Following { window, newest: newest.into_iter().collect() });
        }
        let Some(following) = &mut self.following else { return Ok(()) };
        let looked = self.store.changes(following.window.begin(), MOST_CHANGES).await?;
        let mut changed = following.window.take(&looked, looked.len() >= MOST_CHANGES as usize);
        changed.append(&mut self.rest);
        following.newest.extend(&changed);
        while following.newest.len() > PAGE_SIZE {
            following.newest.pop_first();
        }
        let now = cursor(following.window.latest());

        let wanted = self.wanted(&changed, new);
        let rows = self.render(wanted, now).await?;
        for page in &mut self.pages {
            tell(page, rows.iter().filter(|(id, _)| changed.contains(id)));
        }
        self.pages.retain(|page| !page.is_gone());
        for mut page in new.drain(..) {
            if self.pages.len() >= MOST_PAGES || !page.send(event::hello(now)) {
                continue;
            }
            let since = page.since.saturating_sub(DELAY_US);
            tell(&mut page, rows.iter().filter(|(_, row)| row.updated >= since));
            self.pages.push(page);
        }
        Ok(())
    }

    /// The rows that somebody shows and has to hear of, the newest first.
    fn wanted(&mut self, changed: &BTreeSet<u64>, new: &[Subscription]) -> Vec<u64> {
        let shown = |id: &u64| self.pages.iter().any(|page| page.wants(*id));
        let mut wanted: BTreeSet<u64> = changed.iter().copied().filter(shown).collect();
        // Of many new images a page shows only the newest.
        let newest = self.following.iter().flat_map(|following| &following.newest).copied();
        let newest: BTreeSet<u64> = newest.collect();
        let is_shown =
            |id: &u64| newest.contains(id) || self.pages.iter().any(|page| page.shown.contains(id));
        wanted.retain(is_shown);
        for page in new {
            wanted.extend(&page.shown);
            wanted.extend(newest.iter().filter(|id| page.wants(**id)));
        }
        let mut wanted: Vec<u64> = wanted.into_iter().rev().collect();
        self.rest = wanted.split_off(wanted.len().min(MOST_ROWS)).into_iter().collect();
        wanted
    }

    async fn render(&self, ids: Vec<u64>, now: Cursor) -> Result<BTreeMap<u64, Rendered>, StoreError> {
        let images = self.store.images_by_id(&ids).await?;
        let faces = self.store.faces_of(&images).await?;
        let updated: Vec<Cursor> = images.iter().map(|image| cursor(image.updated_at)).collect();
        let mut rows = BTreeMap::new();
        for (row, updated) in Row::all(images, &faces).iter().zip(updated) {
            match row.fragment() {
                Ok(html) => {
                    rows.insert(row.id, Rendered { updated, event: event::row(now, &html) });
                }
                Err(error) => tracing::error!(%error, "a row could not be rendered"),
            }
        }
        Ok(rows)
    }
}

/// A row for all who show it.
struct Rendered {
    updated: Cursor,
    event: Bytes,
}

/// The oldest first: each new one goes to the top.
fn tell<'a>(page: &mut Subscription, rows: impl Iterator<Item = (&'a u64, &'a Rendered)>) {
    for (id, row) in rows {
        if page.wants(*id) {
            if !page.send(row.event.clone()) {
                page.give_up();
                return;
            }
            page.now_shows(*id);
        }
    }
}
