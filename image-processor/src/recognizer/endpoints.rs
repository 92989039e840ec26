//! Which recogniser is asked next: of those in good standing the one with the fewest calls under way, of several such
//! the one that was chosen longest ago. Pure: what happens, and when, comes from outside.
//!
//! A call that fails by its recogniser's fault puts it aside until a health ping finds it well. Where all are aside all
//! are asked: that nobody answers is the breaker's to judge.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;

use super::source::Address;

/// Before the first ping of a recogniser that was put aside; each failure in a row doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(16);

/// The recognisers that are known. `C` is what one is asked through.
#[derive(Debug)]
pub(super) struct Endpoints<C> {
    connect: fn(&Address) -> C,
    members: BTreeMap<Address, Member<C>>,
    /// Counts what was chosen or added.
    turns: u64,
}

#[derive(Debug)]
struct Member<C> {
    connection: C,
    /// The turn in which it was added: tells it from another one that had the same address.
    added: u64,
    /// The turn in which it was last chosen.
    chosen: u64,
    under_way: usize,
    /// Failures since it last answered.
    failures: u32,
    /// When it is to be pinged, as long as it is aside.
    ping_at: Option<Instant>,
}

/// The recogniser for one call, or one ping.
#[derive(Debug, Clone)]
pub(super) struct Chosen<C> {
    pub(super) address: Address,
    pub(super) connection: C,
    added: u64,
}

/// How a call ended, as far as the recogniser is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallEnd {
    /// It answered, whatever it said of the picture.
    Answered,
    /// It did not, or said that it cannot.
    Failed,
    /// It did not in time. Perhaps the connection leads nowhere any more, which would show only after many minutes, so
    /// the next call gets another one.
    Late,
    /// That says nothing of how it is: nobody waited for the answer, or it was busy.
    Inconclusive,
}

/// One recogniser as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointView {
    /// Where it listens.
    pub address: String,
    /// Of this worker.
    pub calls_under_way: usize,
    /// Whether it waits for a health ping.
    pub aside: bool,
}

impl<C: Clone> Endpoints<C> {
    /// None yet. `connect` makes what one is asked through.
    pub(super) fn new(connect: fn(&Address) -> C) -> Self {
        Self { connect, members: BTreeMap::new(), turns: 0 }
    }

    /// From now on these. What is known of those that stay is kept; calls of those that go may end. Tells whether
    /// anything changed.
    pub(super) fn replace(&mut self, addresses: &BTreeSet<Address>) -> bool {
        let before = self.members.len();
        self.members.retain(|address, _| addresses.contains(address));
        let mut changed = self.members.len() != before;
        for address in addresses {
            if !self.members.contains_key(address) {
                self.turns += 1;
                let (connection, added) = ((self.connect)(address), self.turns);
                let member =
                    Member { connection, added, chosen: 0, under_way: 0, failures: 0, ping_at: None };
                self.members.insert(address.clone(), member);
                changed = true;
            }
        }
        changed
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The recogniser for the next call, none of those that were passed over. A call that was refused already is not
    /// tried on one that is aside.
    pub(super) fn choose(&mut self, passed_over: &BTreeSet<Address>) -> Option<Chosen<C>> {
        let first = passed_over.is_empty();
        let (address, member) = self
            .members
            .iter_mut()
            .filter(|(address, member)| !passed_over.contains(address) && (first || member.ping_at.is_none()))
            .min_by_key(|(_, member)| (member.ping_at.is_some(), member.under_way, member.chosen))?;
        self.turns += 1;
        member.chosen = self.turns;
        member.under_way += 1;
        Some(chosen(address, member))
    }

    /// A call of a recogniser that was chosen has ended. Tells whether it is put aside by that, or comes back.
    pub(super) fn ended(&mut self, call: &Chosen<C>, end: CallEnd, now: Instant) -> bool {
        let connect = self.connect;
        let Some(member) = self.member(call) else { return false };
        member.under_way -= 1;
        let aside = member.ping_at.is_some();
        if end == CallEnd::Late {
            member.connection = connect(&call.address);
        }
        match end {
            CallEnd::Answered => member.readmit(),
            // What was under way together fails together, which says no more than the first failure did.
            CallEnd::Failed | CallEnd::Late if !aside => member.put_aside(now),
            CallEnd::Failed | CallEnd::Late | CallEnd::Inconclusive => {}
        }
        member.ping_at.is_some() != aside
    }

    /// A recogniser said how it is. Tells whether it is put aside by that, or comes back. It comes back at once after
    /// its first failure, and in its time when it says that it is well and fails nevertheless.
    pub(super) fn pinged(&mut self, asked: &Chosen<C>, healthy: bool, now: Instant) -> bool {
        let Some(member) = self.member(asked) else { return false };
        let aside = member.ping_at.is_some();
        match (healthy, member.ping_at) {
            (true, Some(due)) if member.failures > 1 && now < due => {}
            (true, _) => member.ping_at = None,
            (false, Some(due)) if now < due => {}
            (false, _) => member.put_aside(now),
        }
        member.ping_at.is_some() != aside
    }

    /// When the next ping of one that is aside is due.
    pub(super) fn next_ping(&self) -> Option<Instant> {
        self.members.values().filter_map(|member| member.ping_at).min()
    }

    /// Those that are aside and whose ping is due.
    pub(super) fn to_ping(&self, now: Instant) -> Vec<Chosen<C>> {
        let due = |member: &Member<C>| member.ping_at.is_some_and(|due| due <= now);
        self.members
            .iter()
            .filter(|(_, member)| due(member))
            .map(|(address, member)| chosen(address, member))
            .collect()
    }

    /// Every recogniser.
    pub(super) fn to_ask_all(&self) -> Vec<Chosen<C>> {
        self.members.iter().map(|(address, member)| chosen(address, member)).collect()
    }

    /// The recogniser that has this address.
    pub(super) fn at(&self, address: &Address) -> Option<Chosen<C>> {
        self.members.get_key_value(address).map(|(address, member)| chosen(address, member))
    }

    pub(super) fn view(&self) -> Vec<EndpointView> {
        self.members
            .iter()
            .map(|(address, member)| EndpointView {
                address: address.to_string(),
                calls_under_way: member.under_way,
                aside: member.ping_at.is_some(),
            })
            .collect()
    }

    /// None when it has gone, also when another one came to its address.
    fn member(&mut self, chosen: &Chosen<C>) -> Option<&mut Member<C>> {
        self.members.get_mut(&chosen.address).filter(|member| member.added == chosen.added)
    }
}

fn chosen<C: Clone>(address: &Address, member: &Member<C>) -> Chosen<C> {
    Chosen { address: address.clone(), connection: member.connection.clone(), added: member.added }
}

impl<C> Member<C> {
    fn readmit(&mut self) {
        (self.failures, self.ping_at) = (0, None);
    }

    fn put_aside(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.failures - 1)).min(LONGEST_WAIT);
        self.ping_at = Some(now + wait);
    }
}

#[cfg(test)]
mod tests;
