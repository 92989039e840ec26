//! The queue: what a worker relies on, of the model and of a real nsqd.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use image_processor::{
    message::{CHANNEL, TOPIC},
    queue::{Message, Queue, Valve},
};
use nsq_client::{Address, Consumer, ConsumerOptions, Producer, ProducerOptions};
use receiver::relay::Queue as Publishing;
use rollcall_tests::{installed::Installed, nsq::NsqDaemon};
use simulation::{
    chance::Chance,
    line::Line,
    model_queue::{ModelConsumer, ModelProducer},
    plan::{Actor, Plan},
    world::World,
};
use tempfile::TempDir;
use tokio::time::{Instant, timeout};

/// Unanswered messages come again after this time.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(2);
/// Longer than that: who does not come within this time does not come.
const LONG: Duration = Duration::from_secs(3);
const DELAY: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(30);
const TWO: NonZeroU32 = NonZeroU32::new(2).expect("2 is not 0");

/// A queue for one suite.
trait Broker {
    type Consumer: Queue;
    type Producer: Publishing;

    fn consumer(&self) -> anyhow::Result<Self::Consumer>;

    fn producer(&self) -> &Self::Producer;
}

struct ModelBroker {
    line: Line,
    producer: ModelProducer,
}

impl ModelBroker {
    fn new() -> Self {
        let world = World::new(Plan::nothing(), None);
        let line = Line::new(&world, Actor::Worker(0), &Chance::of(0));
        Self { producer: ModelProducer::new(line.clone()), line }
    }
}

impl Broker for ModelBroker {
    type Consumer = ModelConsumer;
    type Producer = ModelProducer;

    fn consumer(&self) -> anyhow::Result<ModelConsumer> {
        Ok(ModelConsumer::subscribe(self.line.clone(), MESSAGE_TIMEOUT, TWO))
    }

    fn producer(&self) -> &ModelProducer {
        &self.producer
    }
}

struct RealBroker {
    address: Address,
    producer: Arc<Producer>,
    _daemons: [NsqDaemon; 2],
    _folder: TempDir,
}

impl RealBroker {
    async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let installed = Installed::find()?;
        let lookupd = NsqDaemon::start_lookupd(&installed, folder.path(), folder.path()).await?;
        let data = folder.path().join("nsqd");
        let nsqd = NsqDaemon::start_nsqd(&installed, &lookupd, &data, folder.path()).await?;
        let address = Address::new("127.0.0.1", nsqd.tcp.port())?;
        let producer = Arc::new(Producer::new(vec![address.clone()], ProducerOptions::default())?);
        Ok(Self { address, producer, _daemons: [nsqd, lookupd], _folder: folder })
    }
}

impl Broker for RealBroker {
    type Consumer = Consumer;
    type Producer = Arc<Producer>;

    fn consumer(&self) -> anyhow::Result<Consumer> {
        let options = ConsumerOptions {
            nsqd_addresses: vec![self.address.clone()],
            max_in_flight: TWO,
            message_timeout: MESSAGE_TIMEOUT,
            ..ConsumerOptions::default()
        };
        Ok(Consumer::start(TOPIC.parse()?, CHANNEL.parse()?, options)?)
    }

    fn producer(&self) -> &Arc<Producer> {
        &self.producer
    }
}

async fn publish(broker: &impl Broker, bodies: &[&'static str]) -> anyhow::Result<()> {
    let bodies = bodies.iter().map(|body| (*body).into()).collect();
    let topic = TOPIC.parse()?;
    // A producer may connect only when it is first asked.
    let deadline = Instant::now() + PATIENCE;
    let publishing = broker.producer();
    while let Err(error) = publishing.publish_many(&topic, Clone::clone(&bodies)).await {
        ensure!(Instant::now() < deadline, "nothing is taken: {error}");
    }
    Ok(())
}

async fn comes<Q: Queue>(consumer: &mut Q) -> anyhow::Result<(Q::Message, String, u16)> {
    let message = timeout(PATIENCE, consumer.next()).await.context("nothing comes")?;
    let message = message.context("the queue ended")?;
    let (body, deliveries) = (String::from_utf8_lossy(message.body()).into_owned(), message.deliveries());
    Ok((message, body, deliveries))
}

async fn nothing_comes(consumer: &mut impl Queue, within: Duration) -> anyhow::Result<()> {
    match timeout(within, consumer.next()).await {
        Err(_) => Ok(()),
        Ok(message) => anyhow::bail!("{:?} comes", message.map(|message| message.body().to_vec())),
    }
}

/// What a worker relies on.
async fn keeps_its_promises(broker: &impl Broker) -> anyhow::Result<()> {
    let mut consumer = broker.consumer()?;

    // What is finished never comes again, and no more is in flight than is wanted.
    publish(broker, &["a", "b", "c"]).await?;
    let (first, body_of_first, deliveries) = comes(&mut consumer).await?;
    let (second, body_of_second, _) = comes(&mut consumer).await?;
    ensure!(
        (body_of_first.as_str(), body_of_second.as_str(), deliveries) == ("a", "b", 1),
        "{body_of_first} {body_of_second} {deliveries}"
    );
    nothing_comes(&mut consumer, DELAY).await?;
    first.finish()?;
    let (third, body, _) = comes(&mut consumer).await?;
    ensure!(body == "c", "{body}");
    second.finish()?;
    third.finish()?;
    nothing_comes(&mut consumer, LONG).await?;

    // What is sent back comes again after its delay, and says how often it came.
    publish(broker, &["d"]).await?;
    let (returned, ..) = comes(&mut consumer).await?;
    let sent_back = Instant::now();
    returned.requeue(DELAY)?;
    let (returned, body, deliveries) = comes(&mut consumer).await?;
    ensure!(sent_back.elapsed() >= DELAY && (body.as_str(), deliveries) == ("d", 2), "{body} {deliveries}");

    // What is dropped comes again at once.
    let dropped = Instant::now();
    drop(returned);
    let (returned, _, deliveries) = comes(&mut consumer).await?;
    ensure!(dropped.elapsed() < MESSAGE_TIMEOUT && deliveries == 3, "{deliveries}");

    // What is touched stays; what is not answered comes again when its time is over, and its late end changes nothing.
    for _ in 0..4 {
        nothing_comes(&mut consumer, DELAY).await?;
        returned.touch()?;
    }
    let touched = Instant::now();
    let (again, body, deliveries) = comes(&mut consumer).await?;
    ensure!(touched.elapsed() >= DELAY && (body.as_str(), deliveries) == ("d", 4), "{body} {deliveries}");
    again.finish()?;
    _ = returned.finish();

    // A closed valve lets nothing through, an open one does.
    let valve = consumer.valve();
    valve.set(None);
    nothing_comes(&mut consumer, DELAY).await?;
    publish(broker, &["e"]).await?;
    nothing_comes(&mut consumer, LONG).await?;
    valve.set(Some(NonZeroU32::MIN));
    let (let_through, body, _) = comes(&mut consumer).await?;
    ensure!(body == "e", "{body}");
    let_through.finish()?;

    // Consumers share: each message comes to one of them.
    valve.set(Some(TWO));
    let mut other = broker.consumer()?;
    publish(broker, &["f", "g", "h", "i"]).await?;
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(comes(&mut consumer).await?);
        held.push(comes(&mut other).await?);
    }
    let mut bodies: Vec<String> = held.iter().map(|(_, body, _)| body.clone()).collect();
    bodies.sort();
    ensure!(bodies == ["f", "g", "h", "i"], "{bodies:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_model_keeps_the_promises_of_a_queue() -> anyhow::Result<()> {
    keeps_its_promises(&ModelBroker::new()).await
}

#[tokio::test]
async fn nsqd_keeps_the_promises_of_a_queue() -> anyhow::Result<()> {
    keeps_its_promises(&RealBroker::start().await?).await
}
