//! A steady load: new pictures at a fixed rate, each posted again until a receiver has accepted it, as a client would.

use std::{
    collections::BTreeSet,
    fs, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use serde_json::{Value, json};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

/// A client that hears nothing for so long asks the other receiver.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Posts that are under way or tried again at the same time; a new one waits until there is room.
const POSTS_AT_MOST: usize = 2_000;
const FOLDER: &str = "chaos";

/// Where the posted pictures come from.
#[derive(Debug, Clone)]
pub(super) enum Pictures {
    /// There are none: nobody looks.
    Imaginary,
    /// Each is another link to one file, below this image root.
    LinksTo { file: PathBuf, image_root: PathBuf },
}

impl Pictures {
    /// The path of one more picture.
    fn path(&self, number: usize) -> io::Result<String> {
        let path = format!("{FOLDER}/{number:08}.jpg");
        if let Self::LinksTo { file, image_root } = self {
            fs::create_dir_all(image_root.join(FOLDER))?;
            fs::hard_link(file, image_root.join(&path))?;
        }
        Ok(format!("/{path}"))
    }
}

/// Posts until it is stopped.
#[derive(Debug)]
pub(super) struct Load {
    posts: Arc<Posts>,
    stop: Option<oneshot::Sender<()>>,
    posting: JoinHandle<anyhow::Result<()>>,
}

/// What was posted, and how a post is made.
#[derive(Debug)]
struct Posts {
    http: reqwest::Client,
    /// `POST /image/post` of every receiver.
    receivers: Vec<String>,
    accepted: Mutex<Vec<u64>>,
    unanswered: AtomicUsize,
    last_failure: Mutex<String>,
}

impl Load {
    /// Begins to post so many pictures a second, to these receivers in turn.
    pub(super) fn start(receivers: Vec<String>, rate: u32, pictures: Pictures) -> anyhow::Result<Self> {
        let posts = Arc::new(Posts {
            http: reqwest::Client::builder().no_proxy().timeout(ANSWER_TIMEOUT).build()?,
            receivers,
            accepted: Mutex::default(),
            unanswered: AtomicUsize::new(0),
            last_failure: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let posting = tokio::spawn(post_steadily(Arc::clone(&posts), rate, pictures, stopped));
        Ok(Self { posts, stop: Some(stop), posting })
    }

    /// Posts one picture beside the others and tells its id.
    pub(super) async fn post(&self, path: &str) -> u64 {
        self.posts.post_until_accepted(path, 0).await
    }

    /// The ids that were accepted, in the order of the answers, without the first so many.
    pub(super) fn accepted_after(&self, count: usize) -> Vec<u64> {
        lock(&self.posts.accepted).get(count..).unwrap_or_default().to_vec()
    }

    /// Posts that nobody has accepted yet.
    pub(super) fn unanswered(&self) -> usize {
        self.posts.unanswered.load(Ordering::Relaxed)
    }

    /// Posts nothing new, and waits until what was begun is accepted. Every accepted id is the answer.
    pub(super) async fn stop(&mut self, budget: Duration) -> anyhow::Result<BTreeSet<u64>> {
        self.stop.take();
        timeout(budget, &mut self.posting).await.with_context(|| {
            let last = lock(&self.posts.last_failure);
            format!("{} posts are not accepted after {budget:?}; the last answer: {last}", self.unanswered())
        })???;
        Ok(lock(&self.posts.accepted).iter().copied().collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.posting.abort();
    }
}

async fn post_steadily(
    posts: Arc<Posts>,
    rate: u32,
    pictures: Pictures,
    mut stopped: oneshot::Receiver<()>,
) -> anyhow::Result<()> {
    let mut under_way = JoinSet::new();
    let mut beats = interval(Duration::from_secs(1) / rate);
    beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut number = 0;
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(ended) = under_way.join_next() => ended?,
            _ = beats.tick(), if under_way.len() < POSTS_AT_MOST => {
                number += 1;
                let (path, posts) = (pictures.path(number)?, Arc::clone(&posts));
                under_way.spawn(async move { _ = posts.post_until_accepted(&path, number).await; });
            }
        }
    }
    while let Some(ended) = under_way.join_next().await {
        ended?;
    }
    Ok(())
}

impl Posts {
    /// Posts to one receiver after the other, from the one with this number on.
    async fn post_until_accepted(&self, path: &str, first: usize) -> u64 {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        let mut pause = FIRST_PAUSE;
        let mut receivers = self.receivers.iter().cycle().skip(first % self.receivers.len());
        let id = loop {
            let receiver = receivers.next().expect("a circle has no end");
            match self.post(receiver, path).await {
                Ok(id) => break id,
                Err(error) => *lock(&self.last_failure) = format!("{error:#}"),
            }
            sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        lock(&self.accepted).push(id);
        self.unanswered.fetch_sub(1, Ordering::Relaxed);
        id
    }

    async fn post(&self, receiver: &str, path: &str) -> anyhow::Result<u64> {
        let body = json!({ "path": path }).to_string();
        let answer = self.http.post(receiver).body(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        anyhow::ensure!(status.is_success(), "{status} {text}");
        let image: Value = serde_json::from_str(&text)?;
        image["id"].as_u64().with_context(|| format!("an answer without an id: {text}"))
    }
}

/// No holder of these locks leaves half a change behind, so one that panicked harms nobody.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
