use std::collections::VecDeque;

use proptest::{prelude::*, sample::Index};

use super::*;

fn slot(granted: u32, grant: u32, held: u32) -> Slot {
    Slot { granted, holding: Holding { grant, held } }
}

#[test]
fn new_connections_share_the_budget_with_its_remainder_first() {
    for (max_in_flight, connections, expected) in [
        (10, 0, vec![]),
        (10, 1, vec![10]),
        (10, 2, vec![5, 5]),
        (10, 3, vec![4, 3, 3]),
        (2, 3, vec![1, 1, 0]),
        (1, 1, vec![1]),
    ] {
        let idle = vec![slot(0, 0, 0); connections];
        assert_eq!(grants(max_in_flight, 0, &idle), expected, "{max_in_flight} over {connections}");
    }
}

#[test]
fn each_turn_begins_where_the_last_one_ended() {
    for (max_in_flight, turn, expected, next) in [
        (1, 0, [1, 0, 0], 1),
        (1, 1, [0, 1, 0], 2),
        (1, 2, [0, 0, 1], 0),
        (2, 0, [1, 1, 0], 2),
        (2, 2, [1, 0, 1], 1),
        (2, 1, [0, 1, 1], 0),
        (1, 7, [0, 1, 0], 2),
        (3, 2, [1, 1, 1], 2),
        (5, 2, [2, 1, 2], 2),
        (0, 2, [0, 0, 0], 2),
    ] {
        let slots = expected.map(|share| slot(share, share, share));
        let found =
            (grants(max_in_flight, turn, &[slot(0, 0, 0); 3]), next_turn(max_in_flight, turn, &slots));
        assert_eq!(found, (expected.to_vec(), next), "{max_in_flight} in turn {turn}");
    }
}

#[test]
fn a_turn_does_not_pass_before_it_has_come() {
    for (slots, expected, why) in [
        ([slot(0, 1, 1), slot(0, 0, 0)], 1, "the first has not let go"),
        ([slot(0, 0, 1), slot(0, 0, 0)], 1, "a message of the first is in flight"),
        ([slot(0, 0, 0), slot(1, 0, 0)], 1, "the second has not carried it out"),
        ([slot(0, 0, 0), slot(1, 1, 1)], 0, "the second has had its turn"),
    ] {
        assert_eq!(next_turn(1, 1, &slots), expected, "{why}");
    }
}

#[test]
fn a_raise_waits_until_others_have_let_go() {
    let newcomer = slot(0, 0, 0);
    for (slots, expected, why) in [
        ([slot(10, 10, 10), newcomer], [5, 0], "the first is lowered, the second waits"),
        ([slot(5, 10, 10), newcomer], [5, 0], "the first has not lowered its RDY yet"),
        ([slot(5, 5, 10), newcomer], [5, 0], "lowered, but ten are still in flight"),
        ([slot(5, 5, 7), newcomer], [5, 3], "three were answered"),
        ([slot(5, 5, 5), slot(3, 0, 0)], [5, 3], "the second has not raised its RDY yet"),
        ([slot(5, 5, 5), slot(3, 3, 3)], [5, 5], "the rest follows"),
        ([slot(5, 5, 5), slot(5, 5, 5)], [5, 5], "fair shares stay"),
    ] {
        assert_eq!(grants(10, 0, &slots), expected, "{why}");
    }
}

/// A connection and its nsqd, both as slow as they like.
#[derive(Debug, Default)]
struct Connection {
    granted: u32,
    last_report: Holding,
    grant: u32,
    in_flight: u32,
    unread_reports: VecDeque<Holding>,
}

impl Connection {
    fn slot(&self) -> Slot {
        Slot { granted: self.granted, holding: self.last_report }
    }

    fn holding(&self) -> Holding {
        Holding { grant: self.grant, held: self.grant.max(self.in_flight) }
    }

    /// The most that can be in flight without a further grant.
    fn allowed(&self) -> u32 {
        self.granted.max(self.holding().held)
    }

    /// Carries out the grant, takes a message, answers one, or has a report read.
    fn act(&mut self, action: u8) {
        match action {
            0 => self.grant = self.granted,
            1 if self.in_flight < self.grant => self.in_flight += 1,
            2 => self.in_flight = self.in_flight.saturating_sub(1),
            _ => self.last_report = self.unread_reports.pop_front().unwrap_or(self.last_report),
        }
        if self.unread_reports.back().unwrap_or(&self.last_report) != &self.holding() {
            self.unread_reports.push_back(self.holding());
        }
    }
}

fn spread(max_in_flight: u32, turn: u32, connections: &mut [Connection]) {
    let grants = grants(max_in_flight, turn, &slots(connections));
    for (connection, granted) in connections.iter_mut().zip(grants) {
        connection.granted = granted;
    }
}

fn slots(connections: &[Connection]) -> Vec<Slot> {
    connections.iter().map(Connection::slot).collect()
}

proptest! {
    #[test]
    fn neither_rdy_nor_messages_in_flight_exceed_the_budget_however_slow_the_reports(
        limits in prop::collection::vec(0..20_u32, 1..5),
        steps in prop::collection::vec((0..24_u8, any::<Index>()), 1..300),
    ) {
        let (mut max_in_flight, mut turn) = (limits[0], 0);
        let mut connections: Vec<Connection> = Vec::new();
        let mut highest = 0;
        for (step, index) in steps {
            match step {
                0 => connections.push(Connection::default()),
                1 => max_in_flight = *index.get(&limits),
                2 => turn = next_turn(max_in_flight, turn, &slots(&connections)),
                _ if connections.is_empty() => {}
                3 => drop(connections.remove(index.index(connections.len()))),
                _ => {
                    let index = index.index(connections.len());
                    connections[index].act(step % 4);
                }
            }
            spread(max_in_flight, turn, &mut connections);

            // What a higher limit has let in may stay after it is lowered, but nothing is added to it.
            let occupied: u32 = connections.iter().map(|connection| connection.slot().occupied()).sum();
            let allowed: u32 = connections.iter().map(Connection::allowed).sum();
            highest = max_in_flight.max(highest.min(occupied));
            prop_assert!(allowed <= occupied && occupied <= highest, "above {highest}: {connections:?}");
        }
    }

    #[test]
    fn connections_that_keep_up_end_at_fair_shares(
        limits in prop::collection::vec(0..50_u32, 1..5),
        turn in any::<u32>(),
        arrivals in prop::collection::vec(0..3_usize, 1..10),
    ) {
        let mut connections: Vec<Connection> = Vec::new();
        let mut max_in_flight = 0;
        for (arriving, limit) in arrivals.into_iter().zip(limits.iter().cycle()) {
            connections.extend((0..arriving).map(|_| Connection::default()));
            max_in_flight = *limit;
            settle(max_in_flight, turn, &mut connections);
        }

        let granted: Vec<_> = connections.iter().map(|connection| connection.granted).collect();
        let expected: Vec<_> = shares(max_in_flight, turn, connections.len()).take(granted.len()).collect();
        prop_assert_eq!(granted, expected);
    }

    #[test]
    fn every_connection_has_had_its_turn_after_one_round(max_in_flight in 1..20_u32, count in 1..40_u32) {
        let mut connections: Vec<_> = (0..count).map(|_| Connection::default()).collect();
        let mut served = vec![false; connections.len()];
        let mut turn = 0;

        for _ in 0..count.div_ceil(max_in_flight) {
            settle(max_in_flight, turn, &mut connections);
            for (served, connection) in served.iter_mut().zip(&connections) {
                *served |= connection.granted > 0;
            }
            turn = next_turn(max_in_flight, turn, &slots(&connections));
        }

        prop_assert!(served.iter().all(|served| *served), "{served:?}");
    }
}

/// Spreads until everybody has carried out and reported everything.
fn settle(max_in_flight: u32, turn: u32, connections: &mut [Connection]) {
    for _ in 0..4 {
        spread(max_in_flight, turn, connections);
        for connection in &mut *connections {
            connection.act(0);
            connection.act(3);
        }
    }
}
