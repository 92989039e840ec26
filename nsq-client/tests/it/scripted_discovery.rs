//! Discovery against a scripted nsqlookupd, which is away or wrong at the right moments.

use std::time::Duration;

use nsq_client::{Channel, Consumer, ConsumerOptions, Topic};

use crate::harness::{consumer, next, patient, server::Server};

fn from_lookupd(lookupd: &Server) -> ConsumerOptions {
    ConsumerOptions {
        lookupd_addresses: vec![lookupd.address.clone()],
        lookup_interval: Duration::from_millis(20),
        connection: patient(),
        ..ConsumerOptions::default()
    }
}

fn naming(nsqd: &Server) -> String {
    let (host, port) = (nsqd.address.host(), nsqd.address.port());
    format!(r#"{{"channels": [], "producers": [{{"broadcast_address": "{host}", "tcp_port": {port}}}]}}"#)
}

#[tokio::test]
async fn the_topics_name_is_percent_encoded() {
    let lookupd = Server::start().await;
    let topic = Topic::new("images#ephemeral").unwrap();
    let channel = Channel::new("ch").unwrap();
    let _consumer = Consumer::start(topic, channel, from_lookupd(&lookupd)).unwrap();

    let request = lookupd.answer_http("200 OK", r#"{"producers": []}"#).await;

    assert_eq!(request, "GET /lookup?topic=images%23ephemeral HTTP/1.1");
}

#[tokio::test]
async fn a_topic_that_is_not_there_yet_is_asked_for_again() {
    let (lookupd, nsqd) = (Server::start().await, Server::start().await);
    let mut consumer = consumer(from_lookupd(&lookupd));

    for _ in 0..2 {
        lookupd.answer_http("404 Not Found", r#"{"message": "TOPIC_NOT_FOUND"}"#).await;
    }
    lookupd.answer_http("200 OK", &naming(&nsqd)).await;

    let mut peer = nsqd.accept_ready(1).await;
    peer.send_message("1", "found").await;
    assert_eq!(next(&mut consumer).await.body(), "found");
}

#[tokio::test]
async fn a_lost_nsqd_is_still_reconnected_after_nsqlookupd_failed_in_every_way() {
    let (lookupd, nsqd) = (Server::start().await, Server::start().await);
    let _consumer = consumer(from_lookupd(&lookupd));
    lookupd.answer_http("200 OK", &naming(&nsqd)).await;
    drop(nsqd.accept_ready(1).await);

    let too_long = format!(r#"{{"producers": []{}}}"#, " ".repeat(1024 * 1024));
    for _ in 0..3 {
        lookupd.answer_http("500 Internal Server Error", "").await;
        lookupd.answer_http("200 OK", "not JSON").await;
        lookupd.answer_http("200 OK", &too_long).await;
        drop(lookupd.accept_silently().await);
    }

    // The attempt that followed the loss has waited for an answer all the time.
    nsqd.accept_ready(1).await;
}
