//! Publishes three messages to an nsqd and consumes them again. The nsqd is at 127.0.0.1:4150, or at the
//! address that is given as the only argument.

#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::{env, error::Error, num::NonZeroU32, time::Duration};

use nsq_client::{Address, Channel, Consumer, ConsumerOptions, Producer, ProducerOptions, Topic};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let nsqd: Address = env::args().nth(1).as_deref().unwrap_or("127.0.0.1:4150").parse()?;
    // nsqd deletes an ephemeral topic when its last consumer has left, so nothing stays behind.
    let topic: Topic = "example#ephemeral".parse()?;
    let channel: Channel = "example#ephemeral".parse()?;

    let options = ConsumerOptions {
        nsqd_addresses: vec![nsqd.clone()],
        max_in_flight: NonZeroU32::new(8).expect("8 is not 0"),
        ..ConsumerOptions::default()
    };
    let mut consumer = Consumer::start(topic.clone(), channel, options)?;

    let producer = Producer::new(vec![nsqd], ProducerOptions::default())?;
    for number in 1..=3 {
        producer.publish(&topic, format!("message {number}")).await?;
    }

    let mut received = 0;
    while received < 3 {
        let message = consumer.next().await.ok_or("the consumer ended by itself")?;
        println!("{:?}, attempt {}", message.body(), message.attempts());
        message.finish()?;
        received += 1;
    }

    consumer.close(Duration::from_secs(10)).await;
    producer.close().await;
    Ok(())
}
