//! The threads that recognise, behind a bounded queue. Each has an engine of its own. Everything that costs time or
//! memory (reading, decoding, inference) happens here and not on the threads that serve requests.

use std::{
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvError, RecvTimeoutError, Sender, TrySendError, bounded};
use picture_path::PicturePath;
use pictures::PictureRoot;
use tokio::{sync::oneshot, time::Instant};

use crate::{
    engine::{
        Engine, EngineError, EngineOptions, Face, Wanted,
        picture::{Picture, PictureError, PictureLimits},
    },
    error::RecognitionError,
    pack::Pack,
};

/// A thread without a picture for so long gives back the memory that it needed for the last ones.
const REST_AFTER: Duration = Duration::from_secs(10);
/// Counter: how often a thread has given back memory.
const RESTS: &str = "rollcall_engine_rests_total";
/// Gauge: pictures that wait for a thread.
const WAITING: &str = "rollcall_pictures_waiting";
/// Counter: pictures whose caller was gone before there was an answer.
const ABANDONED: &str = "rollcall_pictures_abandoned_total";

/// Where a picture is.
#[derive(Debug)]
pub(crate) enum PictureSource {
    /// Below the image root.
    Path(PicturePath),
    /// Encoded, in a format that we read.
    Bytes(Vec<u8>),
    /// Decoded.
    Pixels(Arc<Picture>),
    /// Of nothing, to see whether the engine answers.
    Probe(Picture),
}

/// The faces of a picture and its size in pixels.
#[derive(Debug)]
pub(crate) struct Sighting {
    pub(crate) faces: Vec<Face>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

struct Job {
    source: PictureSource,
    queued: Instant,
    answer: oneshot::Sender<Result<Sighting, RecognitionError>>,
}

/// The way to the threads.
#[derive(Clone)]
pub(crate) struct Workers {
    queue: Sender<Job>,
    last_answer: Arc<Mutex<Instant>>,
}

/// The threads themselves. They end when every [`Workers`] is gone and the queue is empty.
pub(crate) struct Threads {
    handles: Vec<thread::JoinHandle<()>>,
}

impl Workers {
    /// Loads `count` engines and starts a thread for each. `waiting` pictures may wait. Blocks while it loads.
    pub(crate) fn start(
        pack: &Pack,
        library: &Path,
        options: EngineOptions,
        root: PictureRoot,
        count: NonZeroUsize,
        waiting: NonZeroUsize,
    ) -> Result<(Self, Threads), EngineError> {
        let engines =
            (0..count.get()).map(|_| Engine::load(pack, library, options)).collect::<Result<Vec<_>, _>>()?;
        let (queue, jobs) = bounded(waiting.get());
        let root = Arc::new(root);
        let last_answer = Arc::new(Mutex::new(Instant::now()));
        let handles = engines
            .into_iter()
            .map(|engine| {
                let worker = Worker {
                    engine,
                    root: Arc::clone(&root),
                    limits: PictureLimits::default(),
                    last_answer: Arc::clone(&last_answer),
                };
                let jobs = jobs.clone();
                thread::spawn(move || worker.work(&jobs))
            })
            .collect();
        Ok((Self { queue, last_answer }, Threads { handles }))
    }

    /// The faces of a picture. Refuses at once when too many wait. Dropping the future takes the picture out of work:
    /// one that waits is not begun, one that is looked at is left at the next step.
    pub(crate) async fn look(&self, source: PictureSource) -> Result<Sighting, RecognitionError> {
        let (answer, answered) = oneshot::channel();
        let job = Job { source, queued: Instant::now(), answer };
        metrics::gauge!(WAITING).increment(1.0);
        self.queue.try_send(job).map_err(|refused| {
            metrics::gauge!(WAITING).decrement(1.0);
            match refused {
                TrySendError::Full(_) => RecognitionError::QueueFull,
                TrySendError::Disconnected(_) => RecognitionError::Panicked,
            }
        })?;
        answered.await.unwrap_or(Err(RecognitionError::Panicked))
    }

    /// How long ago any engine last finished a picture.
    pub(crate) fn since_last_answer(&self) -> Duration {
        self.last_answer.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

#[cfg(test)]
impl Workers {
    /// One thread that finds faces by a rule, in encoded pictures of no size, and no engine.
    pub(crate) fn scripted(
        mut rule: impl FnMut(&[u8]) -> Result<Vec<Face>, RecognitionError> + Send + 'static,
    ) -> Self {
        let (queue, jobs) = bounded::<Job>(1);
        thread::spawn(move || {
            for Job { source, answer, .. } in jobs {
                let PictureSource::Bytes(bytes) = source else { unreachable!("all are encoded") };
                let faces = rule(&bytes);
                let _nobody_waits = answer.send(faces.map(|faces| Sighting { faces, width: 0, height: 0 }));
            }
        });
        Self { queue, last_answer: Arc::new(Mutex::new(Instant::now())) }
    }
}

impl Threads {
    /// Waits for every thread to end. Blocks.
    pub(crate) fn join(self) {
        for handle in self.handles {
            if handle.join().is_err() {
                tracing::error!("a worker thread panicked");
            }
        }
    }
}

struct Worker {
    engine: Engine,
    root: Arc<PictureRoot>,
    limits: PictureLimits,
    last_answer: Arc<Mutex<Instant>>,
}

impl Worker {
    fn work(mut self, jobs: &Receiver<Job>) {
        let mut rest_at = None;
        loop {
            let next = match rest_at {
                Some(rest_at) => jobs.recv_deadline(Instant::into_std(rest_at)),
                None => jobs.recv().map_err(|RecvError| RecvTimeoutError::Disconnected),
            };
            let Job { source, queued, answer } = match next {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    self.rest();
                    rest_at = None;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let is_probe = matches!(source, PictureSource::Probe(_));
            metrics::gauge!(WAITING).decrement(1.0);
            metrics::histogram!("rollcall_queue_wait_seconds").record(queued.elapsed().as_secs_f64());
            let wanted = || !answer.is_closed();
            // A bug in one picture's way must not take the thread from all others.
            let result = catch_unwind(AssertUnwindSafe(|| self.look(source, &wanted)));
            if answer.send(result.unwrap_or(Err(RecognitionError::Panicked))).is_err() {
                metrics::counter!(ABANDONED).increment(1);
            }
            // A platform probes for ever, and a probe is small: it must not keep the memory of pictures.
            if !is_probe {
                rest_at = Some(Instant::now() + REST_AFTER);
            }
        }
    }

    fn rest(&mut self) {
        if let Err(error) = self.engine.rest() {
            tracing::warn!(%error, "an idle engine keeps its memory");
        }
        metrics::counter!(RESTS).increment(1);
    }

    fn look(&mut self, source: PictureSource, wanted: &Wanted<'_>) -> Result<Sighting, RecognitionError> {
        if !wanted() {
            return Err(EngineError::Abandoned.into());
        }
        let began = Instant::now();
        let picture = match source {
            PictureSource::Path(path) => Arc::new(self.decode(&self.root.read(&path, self.limits.bytes)?)?),
            PictureSource::Bytes(bytes) => Arc::new(self.decode(&bytes)?),
            PictureSource::Pixels(picture) => picture,
            PictureSource::Probe(picture) => Arc::new(picture),
        };
        let faces = self.engine.faces_while(&picture, wanted)?;
        *self.last_answer.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        metrics::histogram!("rollcall_look_seconds").record(began.elapsed().as_secs_f64());
        Ok(Sighting { faces, width: picture.width(), height: picture.height() })
    }

    fn decode(&self, bytes: &[u8]) -> Result<Picture, RecognitionError> {
        blame_picture(|| Picture::decode(bytes, &self.limits))
    }
}

/// A decoder that panics does so whenever it sees the same bytes: the picture is not to be sent again.
fn blame_picture(
    decode: impl FnOnce() -> Result<Picture, PictureError>,
) -> Result<Picture, RecognitionError> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(decoded) => Ok(decoded?),
        Err(_) => {
            tracing::error!("the decoder panicked at a picture");
            Err(RecognitionError::DecoderPanicked)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoder_that_panics_is_the_pictures_fault_and_no_other_error_is_changed() {
        let panicked = blame_picture(|| panic!("no room for a negative number of pixels"));
        let empty = blame_picture(|| Err(PictureError::Empty));

        assert!(matches!(panicked, Err(RecognitionError::DecoderPanicked)), "{panicked:?}");
        assert!(matches!(empty, Err(RecognitionError::Picture(PictureError::Empty))), "{empty:?}");
    }
}
