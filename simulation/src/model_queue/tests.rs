//! What the model does beside the promises of a queue, which one suite holds against a real one.

use tokio::time::advance;

use super::*;
use crate::{
    chance::Chance,
    plan::{Actor, Plan, Spell},
    world::World,
};

#[tokio::test(start_paused = true)]
async fn a_process_that_is_frozen_answers_nothing() {
    let (second, actor) = (Duration::from_secs(1), Actor::Worker(0));
    let frozen = Spell { from: second, until: 3 * second, trouble: Trouble::Frozen(actor) };
    let world = World::new(Plan { spells: vec![frozen], calm: 3 * second, ..Plan::nothing() }, None);
    let line = Line::new(&world, actor, &Chance::of(0));
    let mut consumer = ModelConsumer::subscribe(line, Duration::from_mins(1), NonZeroU32::MIN);
    world.state().broker.publish(Bytes::from_static(b"a"));
    let message = consumer.next().await.expect("the queue goes on");

    advance(2 * second).await;

    assert_eq!((message.touch(), message.finish()), (Err(Stale), Err(Stale)));
    assert!(!world.state().broker.is_empty(), "it comes again");
}
