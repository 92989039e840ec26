use std::sync::{Arc, Mutex};

use tokio::{sync::Semaphore, task::JoinSet};

use super::*;

/// Doubles numbers. A group that contains 13 fails; so does any group while the power is off.
#[derive(Clone)]
struct Doubling {
    /// One permit lets one group through.
    gate: Arc<Semaphore>,
    groups: Arc<Mutex<Vec<Vec<u32>>>>,
    power: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    Thirteen,
    NoPower,
}

impl Doubling {
    fn new() -> Self {
        Self { gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)), groups: Arc::default(), power: true }
    }

    fn groups(&self) -> Vec<Vec<u32>> {
        self.groups.lock().expect("no test panics with the lock").clone()
    }
}

impl Commit for Doubling {
    type Request = u32;
    type Outcome = u32;
    type Error = Fault;

    async fn commit(&self, group: &[u32]) -> Result<Vec<u32>, Fault> {
        self.gate.acquire().await.expect("the gate is never closed").forget();
        self.groups.lock().expect("no test panics with the lock").push(group.to_vec());
        match group {
            _ if !self.power => Err(Fault::NoPower),
            group if group.contains(&13) => Err(Fault::Thirteen),
            group => Ok(group.iter().map(|number| number * 2).collect()),
        }
    }

    fn spoiled_by_one(error: &Fault) -> bool {
        *error == Fault::Thirteen
    }
}

const MOST: NonZeroUsize = NonZeroUsize::new(4).expect("4 is not 0");

/// Lets every task do what it can do now.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

/// Submits all numbers while the first group is held at the gate; answers their outcomes in the order of the numbers.
async fn submit_together(doubling: &Doubling, numbers: &[u32]) -> Vec<Result<u32, Fault>> {
    let held = Doubling { gate: Arc::new(Semaphore::new(0)), ..doubling.clone() };
    let (group, committing) = Group::new(held.clone(), MOST);
    let task = tokio::spawn(committing);
    let mut tasks = JoinSet::new();
    for (index, &number) in numbers.iter().enumerate() {
        let group = group.clone();
        tasks.spawn(async move { (index, group.submit(number).await.expect("the task runs")) });
        // Each is in the queue before the next is submitted.
        settle().await;
    }
    held.gate.add_permits(1_000);
    let mut outcomes = tasks.join_all().await;
    drop(group);
    task.await.expect("the task ends when nobody can submit any more");
    outcomes.sort_unstable_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

#[tokio::test]
async fn a_lone_request_is_a_group_of_its_own() {
    let doubling = Doubling::new();

    let outcomes = submit_together(&doubling, &[21]).await;

    assert_eq!(outcomes, [Ok(42)]);
    assert_eq!(doubling.groups(), [[21]]);
}

#[tokio::test]
async fn what_arrives_while_a_group_is_committed_becomes_the_next_group() {
    let doubling = Doubling::new();

    let outcomes = submit_together(&doubling, &[1, 2, 3, 4]).await;

    assert_eq!(outcomes, [Ok(2), Ok(4), Ok(6), Ok(8)]);
    assert_eq!(doubling.groups(), [vec![1], vec![2, 3, 4]]);
}

#[tokio::test]
async fn a_group_is_never_larger_than_allowed() {
    let doubling = Doubling::new();

    let outcomes = submit_together(&doubling, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).await;

    assert_eq!(outcomes.len(), 10);
    assert!(doubling.groups().iter().all(|group| group.len() <= MOST.get()), "{:?}", doubling.groups());
}

#[tokio::test]
async fn one_bad_request_does_not_spoil_the_group_for_the_others() {
    let doubling = Doubling::new();

    let outcomes = submit_together(&doubling, &[1, 2, 13, 4]).await;

    assert_eq!(outcomes, [Ok(2), Ok(4), Err(Fault::Thirteen), Ok(8)]);
    assert_eq!(doubling.groups(), [vec![1], vec![2, 13, 4], vec![2], vec![13], vec![4]]);
}

#[tokio::test]
async fn a_failure_that_is_nobodys_fault_is_told_to_everybody_at_once() {
    let doubling = Doubling { power: false, ..Doubling::new() };

    let outcomes = submit_together(&doubling, &[1, 2, 3]).await;

    assert_eq!(outcomes, vec![Err(Fault::NoPower); 3]);
    assert_eq!(doubling.groups(), [vec![1], vec![2, 3]]);
}

#[tokio::test]
async fn a_request_whose_task_went_away_while_it_waited_is_not_done() {
    let doubling = Doubling { gate: Arc::new(Semaphore::new(0)), ..Doubling::new() };
    let (group, committing) = Group::new(doubling.clone(), MOST);
    let task = tokio::spawn(committing);
    let first = tokio::spawn({
        let group = group.clone();
        async move { group.submit(1).await }
    });
    settle().await;
    let second = tokio::spawn(async move { group.submit(2).await });
    settle().await;

    second.abort();
    let _aborted = second.await;
    doubling.gate.add_permits(1_000);

    assert_eq!(first.await.expect("no panic"), Ok(Ok(2)));
    task.await.expect("the task ends");
    assert_eq!(doubling.groups(), [[1]]);
}

#[tokio::test]
async fn when_the_committing_is_aborted_who_waits_hears_that_it_ended() {
    let doubling = Doubling { gate: Arc::new(Semaphore::new(0)), ..Doubling::new() };
    let (group, committing) = Group::new(doubling.clone(), MOST);
    let mut tasks = JoinSet::new();
    tasks.spawn(committing);
    let waiting = tokio::spawn({
        let group = group.clone();
        async move { group.submit(1).await }
    });
    settle().await;

    tasks.shutdown().await;

    assert_eq!(waiting.await.expect("no panic"), Err(Ended));
    assert_eq!(group.submit(2).await, Err(Ended));
    assert_eq!(doubling.groups(), [[0; 0]; 0]);
}
