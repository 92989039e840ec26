//! The consumer's centre: knows every nsqd, starts and ends their subscriptions, and divides what may be in
//! flight between those that are connected. It waits for events and its clock only and does no I/O.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    select,
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    control::Limit,
    ready::{self, Holding, Slot},
    subscription::{Subscription, Target},
};
use crate::{Address, Message, tasks::Tasks};

/// A subscription's name. Newer ones are higher, so the nsqd known longest comes first in the spread.
pub(super) type SubscriptionId = u64;

/// What the other tasks report.
#[derive(Debug)]
pub(super) enum Event {
    /// The nsqds that the nsqlookupds name, or named when they last answered.
    Discovered(BTreeSet<Address>),
    /// A connection is subscribed and takes its RDY from these grants. They end with the connection.
    Connected(SubscriptionId, watch::Sender<u32>),
    /// How much of the budget the connection holds now.
    Holds(SubscriptionId, Holding),
    Disconnected(SubscriptionId),
}

pub(super) struct Coordinator {
    nsqds: BTreeMap<SubscriptionId, Nsqd>,
    next_id: SubscriptionId,
    target: Arc<Target>,
    limit: watch::Receiver<Limit>,
    /// Whose turn it is when not every connection can have a share.
    turn: u32,
    deliveries: mpsc::Sender<Message>,
    events: mpsc::Sender<Event>,
    tasks: Tasks,
}

struct Nsqd {
    address: Address,
    /// Configured, so never forgotten.
    fixed: bool,
    /// Ends the subscription.
    forget: CancellationToken,
    connected: Option<Connected>,
}

struct Connected {
    grants: watch::Sender<u32>,
    holding: Holding,
}

impl Connected {
    fn slot(&self) -> Slot {
        Slot { granted: *self.grants.borrow(), holding: self.holding }
    }
}

impl Coordinator {
    pub(super) fn new(
        target: Arc<Target>,
        limit: watch::Receiver<Limit>,
        deliveries: mpsc::Sender<Message>,
        events: mpsc::Sender<Event>,
        tasks: Tasks,
    ) -> Self {
        Self { nsqds: BTreeMap::new(), next_id: 0, target, limit, turn: 0, deliveries, events, tasks }
    }

    /// Runs until the consumer closes.
    pub(super) async fn run(
        mut self,
        fixed: Vec<Address>,
        mut events: mpsc::Receiver<Event>,
        rotation_interval: Duration,
    ) {
        for address in fixed {
            if self.nsqds.values().all(|nsqd| nsqd.address != address) {
                self.subscribe(address, true);
            }
        }
        let closing = self.tasks.closing().clone();
        // An interval of zero is a panic.
        let mut turns = interval(rotation_interval.max(Duration::from_millis(1)));
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, where the first turn has not even begun.
        turns.tick().await;
        loop {
            select! {
                () = closing.cancelled() => return,
                Some(event) = events.recv() => self.handle(event),
                Ok(()) = self.limit.changed() => self.spread(),
                _ = turns.tick() => self.rotate(),
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Discovered(addresses) => self.discovered(addresses),
            Event::Connected(id, grants) => {
                let holding = Holding::default();
                self.set_connected(id, Some(Connected { grants, holding }));
            }
            Event::Holds(id, holding) => {
                if let Some(connected) = self.nsqds.get_mut(&id).and_then(|nsqd| nsqd.connected.as_mut()) {
                    connected.holding = holding;
                }
            }
            Event::Disconnected(id) => self.set_connected(id, None),
        }
        self.spread();
    }

    /// When the nsqd was forgotten meanwhile, the grants end here, which ends its subscription too.
    fn set_connected(&mut self, id: SubscriptionId, connected: Option<Connected>) {
        if let Some(nsqd) = self.nsqds.get_mut(&id) {
            nsqd.connected = connected;
        }
    }

    fn discovered(&mut self, mut addresses: BTreeSet<Address>) {
        self.nsqds.retain(|_, nsqd| {
            let listed = addresses.remove(&nsqd.address);
            let keep = listed || nsqd.fixed || nsqd.connected.is_some();
            if !keep {
                tracing::info!(nsqd = %nsqd.address, "nsqd is gone from nsqlookupd and forgotten");
                nsqd.forget.cancel();
            }
            keep
        });
        for address in addresses {
            tracing::info!(nsqd = %address, topic = %self.target.topic, "nsqd discovered");
            self.subscribe(address, false);
        }
    }

    fn subscribe(&mut self, address: Address, fixed: bool) {
        let id = self.next_id;
        self.next_id += 1;
        let forget = self.tasks.closing().child_token();
        let subscription = Subscription {
            id,
            address: address.clone(),
            target: Arc::clone(&self.target),
            deliveries: self.deliveries.clone(),
            events: self.events.clone(),
            closing: forget.clone(),
        };
        let span = tracing::info_span!("subscription", nsqd = %address, topic = %self.target.topic);
        self.tasks.spawn(subscription.run().instrument(span));
        let nsqd = Nsqd { address, fixed, forget, connected: None };
        self.nsqds.insert(id, nsqd);
    }

    fn connected(&self) -> impl Iterator<Item = &Connected> {
        self.nsqds.values().filter_map(|nsqd| nsqd.connected.as_ref())
    }

    fn slots(&self) -> Vec<Slot> {
        self.connected().map(Connected::slot).collect()
    }

    fn spread(&mut self) {
        let max_in_flight = self.limit.borrow_and_update().in_flight();
        let grants = ready::grants(max_in_flight, self.turn, &self.slots());
        for (connected, grant) in self.connected().zip(grants) {
            let replace = |granted: &mut u32| std::mem::replace(granted, grant) != grant;
            connected.grants.send_if_modified(replace);
        }
    }

    fn rotate(&mut self) {
        self.turn = ready::next_turn(self.limit.borrow().in_flight(), self.turn, &self.slots());
        self.spread();
    }
}

#[cfg(test)]
mod tests;
