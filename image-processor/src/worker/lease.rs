//! The lease of an image in work: kept while that takes, and given back.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

use super::{Disposal, Worker};
use crate::{
    recognizer::Recognise,
    store::{Claim, Store},
};

/// Between two tries to end a lease while the database is away.
const BETWEEN_GIVING_BACK: Duration = Duration::from_millis(500);
/// A lease is renewed this often within its time: one renewal may fail.
const RENEWALS: u32 = 3;

impl<S: Store, R: Recognise> Worker<S, R> {
    /// Ends the lease, also when the database is away for less than that lasts: one that ran out would be a loss, which
    /// the image is not to pay for.
    pub(super) async fn give_back_patiently(&self, claim: &Claim, after: Duration) -> Disposal {
        let end = Instant::now() + self.lease;
        while Instant::now() < end {
            match self.store.release(claim, after, None).await {
                Err(error) if error.fault().is_transient() => {
                    tracing::debug!(image.id = %claim.id, %error, "an image is still leased");
                    sleep(self.apart(BETWEEN_GIVING_BACK)).await;
                }
                Ok(_) => return Disposal::Requeue(after),
                Err(_) => break,
            }
        }
        self.give_back(claim, after).await
    }

    /// Tries to end the lease at once. Where the database does not even do that, the lease ends by itself.
    pub(super) async fn give_back(&self, claim: &Claim, after: Duration) -> Disposal {
        if let Err(error) = self.store.release(claim, after, None).await {
            tracing::warn!(image.id = %claim.id, %error, "an image stays leased until its lease runs out");
        }
        Disposal::Requeue(after)
    }

    /// Renews the lease and touches the message, again and again. Has no end.
    pub(super) async fn keep(&self, claim: &Claim, touch: impl Fn() + Send + Sync) {
        let period = self.lease / RENEWALS;
        let mut beats = interval_at(Instant::now() + period, period);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            touch();
            match self.store.renew(claim).await {
                Ok(true) => {}
                // It was lost, and what the work comes to will be refused, which is said then; or the work has just
                // been written down, which ended it.
                Ok(false) => tracing::debug!(image.id = %claim.id, "there is no lease left to renew"),
                Err(error) => tracing::warn!(image.id = %claim.id, %error, "a lease could not be renewed"),
            }
        }
    }
}
