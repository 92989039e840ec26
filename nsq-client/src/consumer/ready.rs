//! How many messages each connection may have in flight (RDY): fair shares of `max_in_flight`, by turns when
//! there are more connections, and the order in which connections move to them so that the sum is not
//! exceeded on the way either.
//!
//! Source: <https://nsq.io/clients/building_client_libraries.html#rdy-state>.

/// One connection's place in the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// What the connection was last told it may take.
    pub(super) granted: u32,
    /// What it last reported.
    pub(super) holding: Holding,
}

/// What a connection reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Holding {
    /// The grant that it has carried out.
    pub(super) grant: u32,
    /// Its RDY, or its messages in flight if these are still more.
    pub(super) held: u32,
}

impl Slot {
    /// The most that the connection may hold at this moment.
    fn occupied(self) -> u32 {
        self.granted.max(self.holding.held)
    }

    /// Until a grant is carried out, it is unknown whether the old or the new one rules.
    fn is_settled(self) -> bool {
        self.granted == self.holding.grant
    }
}

/// The grants to give now. A connection above its share is lowered at once; one below it is raised only
/// as far as others have already let go, so calling this again after each report ends at the shares.
/// A connection that has not yet carried out its last grant keeps it.
pub(super) fn grants(max_in_flight: u32, turn: u32, slots: &[Slot]) -> Vec<u32> {
    let occupied = slots.iter().fold(0_u32, |sum, slot| sum.saturating_add(slot.occupied()));
    let mut free = max_in_flight.saturating_sub(occupied);
    let grant = |(slot, share): (&Slot, u32)| {
        if !slot.is_settled() {
            return slot.granted;
        }
        let granted = share.min(slot.occupied().saturating_add(free));
        free -= granted.saturating_sub(slot.occupied());
        granted
    };
    slots.iter().zip(shares(max_in_flight, turn, slots.len())).map(grant).collect()
}

/// The turn that follows this one, which stays while every connection has a share in each turn, and until
/// those whose turn it is have got theirs: messages in flight elsewhere may hold it back for long.
pub(super) fn next_turn(max_in_flight: u32, turn: u32, slots: &[Slot]) -> u32 {
    let count = count(slots.len());
    let mut shares = slots.iter().zip(shares(max_in_flight, turn, slots.len()));
    if max_in_flight < count && shares.all(|(slot, share)| slot.is_settled() && slot.granted == share) {
        (turn % count + max_in_flight) % count
    } else {
        turn
    }
}

/// Splits `max_in_flight` evenly. The remainder goes one each to the connections from the one whose turn it
/// is, the last being followed by the first.
fn shares(max_in_flight: u32, turn: u32, connections: usize) -> impl Iterator<Item = u32> {
    let count = count(connections);
    let (each, remainder) = (max_in_flight / count, max_in_flight % count);
    let first = turn % count;
    (0..count).map(move |index| each + u32::from((index + count - first) % count < remainder))
}

/// The number of connections, at least 1 to divide by.
fn count(connections: usize) -> u32 {
    u32::try_from(connections).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests;
