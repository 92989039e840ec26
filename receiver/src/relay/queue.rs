//! What the relay and the publisher need of the queue.

use std::sync::Arc;

use bytes::Bytes;
use nsq_client::{Producer, PublishError, Topic};

/// Where messages are published.
pub trait Queue: Send + Sync + 'static {
    /// Publishes messages that the queue takes or refuses as a whole. Ends in bounded time.
    fn publish_many(
        &self,
        topic: &Topic,
        bodies: Vec<Bytes>,
    ) -> impl Future<Output = Result<(), PublishError>> + Send;
}

impl Queue for Arc<Producer> {
    async fn publish_many(&self, topic: &Topic, bodies: Vec<Bytes>) -> Result<(), PublishError> {
        Producer::publish_many(self, topic, bodies).await
    }
}
