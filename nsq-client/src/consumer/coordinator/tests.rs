use std::time::Duration;

use super::*;
use crate::{Channel, ConnectionOptions, Topic};

/// A coordinator whose subscriptions find nobody at their addresses.
fn coordinator() -> Coordinator {
    let target = Target {
        topic: Topic::new("images").unwrap(),
        channel: Channel::new("ch").unwrap(),
        message_timeout: Duration::from_mins(1),
        connection: ConnectionOptions::default(),
    };
    let (deliveries, _) = mpsc::channel(1);
    let (events, _) = mpsc::channel(1);
    Coordinator::new(NonZeroU32::MIN, Arc::new(target), deliveries, events, Tasks::default())
}

fn discovered(names: &[&str]) -> Event {
    Event::Discovered(names.iter().map(|name| name.parse().unwrap()).collect())
}

fn known(coordinator: &Coordinator) -> Vec<String> {
    coordinator.nsqds.values().map(|nsqd| nsqd.address.to_string()).collect()
}

#[tokio::test]
async fn an_nsqd_is_forgotten_after_three_misses_in_a_row() {
    let mut coordinator = coordinator();
    coordinator.handle(discovered(&["127.0.0.1:1", "127.0.0.1:2"]));

    for _ in 0..2 {
        coordinator.handle(discovered(&["127.0.0.1:1"]));
    }
    coordinator.handle(discovered(&["127.0.0.1:1", "127.0.0.1:2"]));
    for _ in 0..2 {
        coordinator.handle(discovered(&["127.0.0.1:1"]));
    }
    assert_eq!(known(&coordinator), ["127.0.0.1:1", "127.0.0.1:2"]);

    let forget = coordinator.nsqds[&1].forget.clone();
    coordinator.handle(discovered(&["127.0.0.1:1"]));
    assert_eq!(known(&coordinator), ["127.0.0.1:1"]);
    assert!(forget.is_cancelled());
}

#[tokio::test]
async fn configured_and_connected_nsqds_are_never_forgotten() {
    let mut coordinator = coordinator();
    coordinator.subscribe("127.0.0.1:1".parse().unwrap(), true);
    coordinator.handle(discovered(&["127.0.0.1:2"]));
    let (grants, granted) = watch::channel(0);
    coordinator.handle(Event::Connected(1, grants));

    for _ in 0..10 {
        coordinator.handle(discovered(&[]));
    }

    assert_eq!(known(&coordinator), ["127.0.0.1:1", "127.0.0.1:2"]);
    assert_eq!(*granted.borrow(), 1);
}

#[tokio::test]
async fn a_connection_of_a_forgotten_nsqd_loses_its_grants() {
    let mut coordinator = coordinator();
    let (grants, mut granted) = watch::channel(0);

    coordinator.handle(Event::Connected(99, grants));

    assert!(granted.changed().await.is_err());
}
