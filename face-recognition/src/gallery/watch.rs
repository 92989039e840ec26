//! When the folder is to be looked at again: told by the system where it tells, else every few seconds.
//!
//! The system tells of changes that are made on this machine (inotify). A volume that other machines write to is looked at
//! every 3 s. Which folder it is, behind links that may be turned and after it was made anew, is asked in both cases.

mod debounce;
mod file_system;

use std::{
    future::pending,
    io,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{
    fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags},
    io::Errno,
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

use self::debounce::Debounce;
use super::{folder::Identity, ledger::Scan};

/// Between two looks at a folder of which the system does not tell.
const SCAN_EVERY: Duration = Duration::from_secs(3);
/// Between two questions whether it is still the same folder of which the system tells.
const SAME_FOLDER_EVERY: Duration = Duration::from_secs(2);
/// Between two looks whatever the system tells; what failed is tried again then.
const THOROUGH_EVERY: Duration = Duration::from_mins(1);

/// Tells when to look.
pub(super) struct Watch {
    folder: PathBuf,
    /// The folder as it was when the watch was set up; `None` while there is none.
    identity: Option<Identity>,
    events: Option<AsyncFd<OwnedFd>>,
    debounce: Debounce,
    tick_at: Instant,
    thorough_at: Instant,
}

impl Watch {
    /// Not set up: the first look is due at once.
    pub(super) fn new(folder: PathBuf) -> Self {
        let now = Instant::now();
        Self {
            folder,
            identity: None,
            events: None,
            debounce: Debounce::default(),
            tick_at: now,
            thorough_at: now + THOROUGH_EVERY,
        }
    }

    /// Waits until the folder is to be looked at. Nothing is lost by dropping the future.
    pub(super) async fn next(&mut self) -> Scan {
        loop {
            let wake_at =
                self.debounce.due().into_iter().fold(self.tick_at.min(self.thorough_at), Instant::min);
            tokio::select! {
                told = told(self.events.as_ref()) => match told {
                    Ok(Told::Changed) => self.debounce.stirred(Instant::now()),
                    Ok(Told::Ended) => {
                        (self.events, self.identity) = (None, None);
                        self.debounce.stirred(Instant::now());
                    }
                    Err(error) => {
                        tracing::warn!(%error, "changes of known photos are not told any more, so they are looked for");
                        self.events = None;
                    }
                },
                () = sleep_until(wake_at) => if let Some(scan) = self.woken().await {
                    return scan;
                },
            }
        }
    }

    async fn woken(&mut self) -> Option<Scan> {
        let now = Instant::now();
        if now >= self.tick_at {
            let identity = identity(&self.folder).await;
            let is_another = identity != self.identity;
            if is_another {
                self.identity = identity;
                self.events = identity.and_then(|_| events(&self.folder));
            }
            self.tick_at = now + if self.events.is_some() { SAME_FOLDER_EVERY } else { SCAN_EVERY };
            if is_another || self.events.is_none() {
                self.debounce.settled();
                return Some(Scan::Quick);
            }
        }
        if now >= self.thorough_at {
            self.thorough_at = now + THOROUGH_EVERY;
            self.debounce.settled();
            return Some(Scan::Thorough);
        }
        if self.debounce.due().is_some_and(|due| now >= due) {
            self.debounce.settled();
            return Some(Scan::Quick);
        }
        None
    }
}

async fn identity(folder: &Path) -> Option<Identity> {
    let folder = folder.to_owned();
    spawn_blocking(move || Identity::of(&folder)).await.ok()?.ok()
}

/// What the system tells of changes in the folder, if it tells of all.
fn events(folder: &Path) -> Option<AsyncFd<OwnedFd>> {
    let kind = rustix::fs::statfs(folder).ok()?.f_type;
    if !file_system::tells_of_changes(i128::from(kind)) {
        return None;
    }
    match subscribe(folder) {
        Ok(events) => Some(events),
        Err(error) => {
            tracing::warn!(%error, "changes of known photos are not told, so they are looked for every few seconds");
            None
        }
    }
}

fn subscribe(folder: &Path) -> io::Result<AsyncFd<OwnedFd>> {
    let changes = WatchFlags::CREATE
        | WatchFlags::CLOSE_WRITE
        | WatchFlags::ATTRIB
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO
        | WatchFlags::DELETE
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF;
    let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
    inotify::add_watch(&events, folder, changes | WatchFlags::ONLYDIR)?;
    #[expect(unsafe_code, reason = "tokio asks that the descriptor stays open, which it cannot know")]
    // SAFETY: an `OwnedFd` is open until it is dropped, is always the same, and the `AsyncFd` owns it.
    let events = unsafe { AsyncFd::register_with_interest(events, Interest::READABLE) }?;
    Ok(events)
}

/// What the system told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Something happened in the folder. What it was, the next look shows.
    Changed,
    /// The folder was removed, moved or unmounted: whatever is there now, nothing more is told of it. A new one may have
    /// the device and inode of the old.
    Ended,
}

async fn told(events: Option<&AsyncFd<OwnedFd>>) -> io::Result<Told> {
    let Some(events) = events else { return pending().await };
    loop {
        let mut ready = events.readable().await?;
        if let Ok(told) = ready.try_io(|events| read(events.get_ref())) {
            return told;
        }
    }
}

/// Reads all that there is to read.
fn read(events: &OwnedFd) -> io::Result<Told> {
    let ends = ReadFlags::IGNORED | ReadFlags::UNMOUNT | ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF;
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut reader = inotify::Reader::new(events, &mut buffer);
    let mut told = None;
    loop {
        match reader.next() {
            Ok(event) if event.events().intersects(ends) => told = Some(Told::Ended),
            Ok(_) => told = told.or(Some(Told::Changed)),
            Err(Errno::WOULDBLOCK) => return told.ok_or_else(|| io::ErrorKind::WouldBlock.into()),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests;
