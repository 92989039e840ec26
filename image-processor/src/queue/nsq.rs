//! The queue in production: NSQ.

use std::{num::NonZeroU32, time::Duration};

use nsq_client::{Consumer, ConsumerControl, StaleMessage};

use super::{Message, Queue, Stale, Valve};

impl Queue for Consumer {
    type Message = nsq_client::Message;
    type Valve = ConsumerControl;

    async fn next(&mut self) -> Option<nsq_client::Message> {
        Self::next(self).await
    }

    fn valve(&self) -> ConsumerControl {
        self.control()
    }

    async fn close(self, deadline: Duration) {
        Self::close(self, deadline).await;
    }
}

impl Message for nsq_client::Message {
    fn body(&self) -> &[u8] {
        Self::body(self)
    }

    fn deliveries(&self) -> u16 {
        self.attempts()
    }

    fn touch(&self) -> Result<(), Stale> {
        Ok(Self::touch(self)?)
    }

    fn finish(self) -> Result<(), Stale> {
        Ok(Self::finish(self)?)
    }

    fn requeue(self, after: Duration) -> Result<(), Stale> {
        Ok(Self::requeue(self, after)?)
    }
}

impl Valve for ConsumerControl {
    fn set(&self, in_flight: Option<NonZeroU32>) {
        match in_flight {
            Some(in_flight) => {
                self.set_max_in_flight(in_flight);
                self.resume();
            }
            None => self.pause(),
        }
    }
}

impl From<StaleMessage> for Stale {
    fn from(StaleMessage: StaleMessage) -> Self {
        Self
    }
}
