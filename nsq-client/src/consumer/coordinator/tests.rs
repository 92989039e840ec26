use std::num::NonZeroU32;

use tokio_util::task::TaskTracker;

use super::{super::control::ConsumerControl, *};
use crate::{Channel, ConnectionOptions, Topic};

/// A coordinator whose subscriptions find nobody at their addresses.
fn coordinator() -> Coordinator {
    let target = Target {
        topic: Topic::new("images").unwrap(),
        channel: Channel::new("ch").unwrap(),
        message_timeout: Duration::from_mins(1),
        connection: ConnectionOptions::default(),
        overdue: CancellationToken::new(),
        subscribed: TaskTracker::new(),
    };
    let (deliveries, _) = mpsc::channel(1);
    let (events, _) = mpsc::channel(1);
    let (_, limit) = ConsumerControl::new(NonZeroU32::MIN);
    Coordinator::new(Arc::new(target), limit, deliveries, events, Tasks::default())
}

fn discovered(names: &[&str]) -> Event {
    Event::Discovered(names.iter().map(|name| name.parse().unwrap()).collect())
}

fn known(coordinator: &Coordinator) -> Vec<String> {
    coordinator.nsqds.values().map(|nsqd| nsqd.address.to_string()).collect()
}

#[tokio::test]
async fn an_nsqd_that_nobody_names_is_forgotten_until_it_is_named_again() {
    let mut coordinator = coordinator();
    coordinator.handle(discovered(&["127.0.0.1:1", "127.0.0.1:2"]));
    let forget = coordinator.nsqds[&1].forget.clone();

    coordinator.handle(discovered(&["127.0.0.1:1"]));
    assert_eq!(known(&coordinator), ["127.0.0.1:1"]);
    assert!(forget.is_cancelled());

    coordinator.handle(discovered(&["127.0.0.1:1", "127.0.0.1:2"]));
    assert_eq!(known(&coordinator), ["127.0.0.1:1", "127.0.0.1:2"]);
}

#[tokio::test]
async fn an_nsqd_that_is_no_longer_named_is_forgotten_once_it_disconnects() {
    let mut coordinator = coordinator();
    coordinator.handle(discovered(&["127.0.0.1:1"]));
    let (grants, _granted) = watch::channel(0);
    coordinator.handle(Event::Connected(0, grants));
    coordinator.handle(discovered(&[]));
    assert_eq!(known(&coordinator), ["127.0.0.1:1"]);

    coordinator.handle(Event::Disconnected(0));
    coordinator.handle(discovered(&[]));

    assert!(known(&coordinator).is_empty());
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
