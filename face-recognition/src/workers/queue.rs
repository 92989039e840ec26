//! What waits for a thread: at most so many, taken in the order in which they came. Each thread waits for itself, so that
//! one that gets nothing hears so in time, however many others wait.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// An empty queue with room for so many.
pub(super) fn queue<T>(room: NonZeroUsize) -> (Sender<T>, Receiver<T>) {
    let state = State { waiting: VecDeque::with_capacity(room.get()), senders: 1 };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new(), room });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    room: NonZeroUsize,
}

struct State<T> {
    waiting: VecDeque<T>,
    senders: usize,
}

impl<T> Shared<T> {
    /// Nothing under the lock panics and leaves a half made change.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way in. The queue ends when the last one is dropped.
pub(super) struct Sender<T>(Arc<Shared<T>>);

/// The way out.
pub(super) struct Receiver<T>(Arc<Shared<T>>);

/// There is no room.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// What came within the time that was given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    One(T),
    Nothing,
    /// Nothing will come any more.
    End,
}

impl<T> Sender<T> {
    pub(super) fn send(&self, item: T) -> Result<(), Full> {
        let mut state = self.0.lock();
        if state.waiting.len() >= self.0.room.get() {
            return Err(Full);
        }
        state.waiting.push_back(item);
        self.0.changed.notify_one();
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.lock().senders -= 1;
        self.0.changed.notify_all();
    }
}

impl<T> Receiver<T> {
    /// Waits for the next one, no longer than `patience`. Blocks.
    pub(super) fn next(&self, patience: Duration) -> Next<T> {
        let is_idle = |state: &mut State<T>| state.waiting.is_empty() && state.senders > 0;
        let woken = self.0.changed.wait_timeout_while(self.0.lock(), patience, is_idle);
        let (mut state, _) = woken.unwrap_or_else(PoisonError::into_inner);
        match state.waiting.pop_front() {
            Some(item) => Next::One(item),
            None if state.senders == 0 => Next::End,
            None => Next::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    use super::*;

    const LONG: Duration = Duration::from_mins(1);
    const TWO: NonZeroUsize = NonZeroUsize::new(2).expect("two are some");

    #[test]
    fn no_more_wait_than_there_is_room_for_and_the_first_comes_first() {
        let (sender, receiver) = queue(TWO);

        let sent = ["a", "b", "c"].map(|item| sender.send(item));
        assert_eq!(sent, [Ok(()), Ok(()), Err(Full)]);
        assert_eq!(receiver.next(LONG), Next::One("a"));
        assert_eq!(sender.send("c"), Ok(()));
        assert_eq!([(); 2].map(|()| receiver.next(LONG)), [Next::One("b"), Next::One("c")]);
        assert_eq!(receiver.next(Duration::from_millis(1)), Next::Nothing);
    }

    #[test]
    fn it_ends_when_the_last_sender_is_gone_and_nothing_waits() {
        let (sender, receiver) = queue(TWO);
        let last = sender.clone();
        last.send("a").expect("there is room");
        drop(sender);
        let waiting = thread::spawn({
            let receiver = receiver.clone();
            move || [(); 2].map(|()| receiver.next(LONG))
        });

        drop(last);

        assert_eq!(waiting.join().expect("it does not panic"), [Next::One("a"), Next::End]);
        assert_eq!(receiver.next(LONG), Next::End);
    }

    #[test]
    fn one_that_waits_hears_of_nothing_while_another_waits_again_and_again() {
        let (sender, receiver) = queue::<()>(TWO);
        let is_over = Arc::new(AtomicBool::new(false));
        let another = thread::spawn({
            let (receiver, is_over) = (receiver.clone(), Arc::clone(&is_over));
            move || {
                while !is_over.load(Ordering::Relaxed)
                    && receiver.next(Duration::from_millis(1)) == Next::Nothing
                {}
            }
        });

        assert_eq!(receiver.next(Duration::from_millis(100)), Next::Nothing);

        is_over.store(true, Ordering::Relaxed);
        drop(sender);
        another.join().expect("it does not panic");
    }
}
