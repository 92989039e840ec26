//! Group commit: what many tasks want of the database at the same moment goes into one transaction.
//!
//! Each task [submits](Group::submit) its request and waits for its own outcome. While one group is being committed,
//! the requests that arrive wait and become the next group: a lone request waits for nobody, and under load one
//! round trip and one flush to disk serve many (as in "Implementation Techniques for Main Memory Database Systems",
//! SIGMOD 1984).

use std::{future::Future, num::NonZeroUsize};

use tokio::sync::{mpsc, oneshot};

/// How a group of requests is done.
pub trait Commit: Send + Sync + 'static {
    /// What one task wants.
    type Request: Send + Sync + 'static;
    /// What it hears when the group is committed.
    type Outcome: Send + 'static;
    /// What every task of a group hears when the group is not.
    type Error: Clone + Send + 'static;

    /// Does all requests in one transaction; the outcomes are in the order of the requests.
    fn commit(
        &self,
        group: &[Self::Request],
    ) -> impl Future<Output = Result<Vec<Self::Outcome>, Self::Error>> + Send;

    /// Whether one request may have spoiled the group for the others, so that each is to be done alone.
    fn spoiled_by_one(error: &Self::Error) -> bool;
}

/// What commits has ended: every request that is not answered yet was not, or may not have been, done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the task that commits has ended")]
pub struct Ended;

struct Waiting<C: Commit> {
    request: C::Request,
    answer: oneshot::Sender<Result<C::Outcome, C::Error>>,
}

/// The way into the next group; clones lead into the same one. What commits ends when the last one is dropped.
pub struct Group<C: Commit> {
    waiting: mpsc::Sender<Waiting<C>>,
}

impl<C: Commit> Clone for Group<C> {
    fn clone(&self) -> Self {
        Self { waiting: self.waiting.clone() }
    }
}

impl<C: Commit> Group<C> {
    /// The way into the groups, and what commits them, with at most `most` requests in a group; as many wait for the
    /// next one, and more wait in their tasks. What commits is to be spawned, and to be joined after every clone of the
    /// group is gone.
    pub fn new(commit: C, most: NonZeroUsize) -> (Self, impl Future<Output = ()> + Send) {
        let (waiting, next) = mpsc::channel(most.get());
        (Self { waiting }, commit_all(commit, most, next))
    }

    /// Has a request done with the next group. Dropping the future takes the request back only while it still waits.
    pub async fn submit(&self, request: C::Request) -> Result<Result<C::Outcome, C::Error>, Ended> {
        let (answer, outcome) = oneshot::channel();
        self.waiting.send(Waiting { request, answer }).await.map_err(|_| Ended)?;
        outcome.await.map_err(|_| Ended)
    }
}

async fn commit_all<C: Commit>(commit: C, most: NonZeroUsize, mut next: mpsc::Receiver<Waiting<C>>) {
    let mut group = Vec::new();
    while next.recv_many(&mut group, most.get()).await > 0 {
        let wanted = group.drain(..).filter(|waiting: &Waiting<C>| !waiting.answer.is_closed());
        let (requests, answers): (Vec<_>, Vec<_>) =
            wanted.map(|waiting| (waiting.request, waiting.answer)).unzip();
        if requests.is_empty() {
            continue;
        }
        for (answer, outcome) in answers.into_iter().zip(outcomes(&commit, &requests).await) {
            // A task that went away meanwhile does not want to know.
            let _gone = answer.send(outcome);
        }
    }
}

async fn outcomes<C: Commit>(commit: &C, requests: &[C::Request]) -> Vec<Result<C::Outcome, C::Error>> {
    match commit.commit(requests).await {
        Ok(outcomes) => {
            assert_eq!(outcomes.len(), requests.len(), "a commit answers each of its requests");
            outcomes.into_iter().map(Ok).collect()
        }
        Err(error) if requests.len() > 1 && C::spoiled_by_one(&error) => {
            let mut outcomes = Vec::with_capacity(requests.len());
            for request in requests {
                let alone = commit.commit(std::slice::from_ref(request)).await;
                outcomes.push(alone.map(|mut only| only.remove(0)));
            }
            outcomes
        }
        Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
    }
}

#[cfg(test)]
mod tests;
