//! Posted pictures on their way into the database: what arrives at the same time is stored together, and announced as
//! soon as it is stored.

use std::{future::Future, num::NonZeroUsize};

use group_commit::{Commit, Group};
use service_kit::database::DatabaseFault;
use thiserror::Error;
use tokio::task::JoinHandle;

use crate::{
    publisher::Publisher,
    store::{Accepted, Committed, Post, Store, StoreError},
};

/// Posts of one transaction at most. With the longest paths they stay below the 16 MiB that a server takes at once.
pub(crate) const GROUP_AT_MOST: NonZeroUsize = NonZeroUsize::new(1_000).expect("1,000 is not 0");

/// The way of a post into the database; cheap to clone.
pub type Posts<S = Store> = Group<Posting<S>>;

/// Takes pictures in, whichever database keeps them.
pub trait Accept: Send + Sync + 'static {
    /// A new row for each, the row that is there, or that row pending again if it had failed or is to be looked at
    /// again. Rows and the messages that announce them are committed together, all or none.
    fn accept_all(&self, posts: &[Post]) -> impl Future<Output = Result<Committed, StoreError>> + Send;
}

impl Accept for Store {
    async fn accept_all(&self, posts: &[Post]) -> Result<Committed, StoreError> {
        Self::accept_all(self, posts).await
    }
}

/// Stores groups of posts and hands over what is to be published.
pub struct Posting<S = Store> {
    store: S,
    publisher: Publisher,
}

/// A post was not stored; the log says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it could not be stored: {0:?}")]
pub struct NotStored(pub DatabaseFault);

/// Starts to take posts. The task is to be joined after every clone of [`Posts`] is gone.
pub fn start<S: Accept>(store: S, publisher: Publisher) -> (Posts<S>, JoinHandle<()>) {
    let (posts, committing) = Group::new(Posting { store, publisher }, GROUP_AT_MOST);
    (posts, tokio::spawn(committing))
}

impl<S: Accept> Commit for Posting<S> {
    type Request = Post;
    type Outcome = Accepted;
    type Error = NotStored;

    async fn commit(&self, group: &[Post]) -> Result<Vec<Accepted>, NotStored> {
        let Committed { accepted, announcements } =
            self.store.accept_all(group).await.map_err(|error| not_stored(&error, group.len()))?;
        self.publisher.announce(announcements);
        count_posted(&accepted);
        tracing::debug!(posts = group.len(), "a group of posts is stored");
        Ok(accepted)
    }

    fn spoiled_by_one(NotStored(fault): &NotStored) -> bool {
        fault.may_be_of_one_request()
    }
}

fn not_stored(error: &StoreError, posts: usize) -> NotStored {
    tracing::error!(%error, posts, "posted pictures could not be stored");
    NotStored(error.fault())
}

fn count_posted(accepted: &[Accepted]) {
    let created = accepted.iter().filter(|accepted| accepted.created).count();
    for (label, count) in [("yes", created), ("no", accepted.len() - created)] {
        metrics::counter!("rollcall_images_posted_total", "created" => label).increment(count as u64);
    }
}
