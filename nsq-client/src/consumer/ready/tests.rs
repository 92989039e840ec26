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
        assert_eq!(grants(max_in_flight, &idle), expected, "{max_in_flight} over {connections}");
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
        assert_eq!(grants(10, &slots), expected, "{why}");
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

fn spread(max_in_flight: u32, connections: &mut [Connection]) {
    let slots: Vec<_> = connections.iter().map(Connection::slot).collect();
    for (connection, granted) in connections.iter_mut().zip(grants(max_in_flight, &slots)) {
        connection.granted = granted;
    }
}

proptest! {
    #[test]
    fn neither_rdy_nor_messages_in_flight_exceed_the_budget_however_slow_the_reports(
        max_in_flight in 1..20_u32,
        steps in prop::collection::vec((0..20_u8, any::<Index>()), 1..300),
    ) {
        let mut connections: Vec<Connection> = Vec::new();
        for (step, index) in steps {
            match step {
                0 => connections.push(Connection::default()),
                _ if connections.is_empty() => {}
                1 => drop(connections.remove(index.index(connections.len()))),
                _ => {
                    let index = index.index(connections.len());
                    connections[index].act(step % 4);
                }
            }
            spread(max_in_flight, &mut connections);

            let ready: u32 = connections.iter().map(|connection| connection.grant).sum();
            let held: u32 = connections.iter().map(|connection| connection.holding().held).sum();
            prop_assert!(ready <= max_in_flight && held <= max_in_flight, "{connections:?}");
        }
    }

    #[test]
    fn connections_that_keep_up_end_at_fair_shares(
        max_in_flight in 1..50_u32,
        arrivals in prop::collection::vec(0..3_usize, 1..10),
    ) {
        let mut connections: Vec<Connection> = Vec::new();
        for arriving in arrivals {
            connections.extend((0..arriving).map(|_| Connection::default()));
            for _ in 0..4 {
                spread(max_in_flight, &mut connections);
                for connection in &mut connections {
                    connection.act(0);
                    connection.act(3);
                }
            }
        }

        let granted: Vec<_> = connections.iter().map(|connection| connection.granted).collect();
        let expected: Vec<_> = shares(max_in_flight, connections.len()).take(granted.len()).collect();
        prop_assert_eq!(granted, expected);
    }
}
