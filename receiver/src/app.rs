//! Wires the receiver together: bind, run, stop in order.

use std::{future::ready, path::PathBuf, sync::Arc, time::Duration};

use nsq_client::{Producer, ProducerOptions};
use service_kit::{Process, bearer::Access, health::Health, jitter::Jitter, listen};
use tokio::{
    net::TcpListener,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{ADDR_VARIABLE, Config},
    face_photo::FacePhotos,
    gallery::{Gallery, Limits},
    known_people::KnownPeople,
    posting::{self, Posts},
    publisher,
    relay::Relay,
    routes::{self, statistics},
    store::Store,
    turns::{PATIENCE, Turns},
    under_way::UnderWay,
    uploads::Uploads,
};

/// How long the last messages may take when the process is told to stop.
const PUBLISH_BUDGET: Duration = Duration::from_secs(3);
/// How long taking leave of nsqd and the database may take after that.
const CLOSE_BUDGET: Duration = Duration::from_secs(3);
/// Photos that requests bring and that are in memory at the same time, each of them up to three times: as it came, as it is
/// sent, and to be sent again under another name.
pub(crate) const PHOTOS_AT_ONCE: usize = 4;
/// How long changes may take that nobody waits for any more.
const CHANGE_BUDGET: Duration = Duration::from_secs(1);

/// A receiver that listens and does not answer yet.
pub struct App {
    listener: TcpListener,
    config: Config,
}

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) posts: Posts,
    pub(crate) image_root: Arc<PathBuf>,
    pub(crate) statistics: statistics::Kept,
    /// Who may change something under `/api/v1`.
    pub(crate) access: Arc<Access>,
    pub(crate) gallery: Gallery,
    pub(crate) known_people: KnownPeople,
    pub(crate) face_photos: FacePhotos,
    pub(crate) uploads: Uploads,
    /// Of the photos that requests bring.
    pub(crate) photo_turns: Turns,
    pub(crate) under_way: UnderWay,
    /// Tells that the process stops.
    pub(crate) stopping: CancellationToken,
}

impl App {
    /// Opens the port.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        let listener = listen::bind(config.receiver_addr, ADDR_VARIABLE, config.addr_file.as_deref()).await?;
        Ok(Self { listener, config })
    }

    /// Answers until the process is told to stop, then finishes the open requests, publishes what they left and
    /// returns.
    pub async fn run(self, process: Process) -> anyhow::Result<()> {
        let stopping = process.stopping.clone();
        let access = Arc::new(Access::new(self.config.api_token()?, self.listener.local_addr()?));
        let pool = self.config.database.lazy_pool()?;
        let store = Store::new(pool.clone());
        let producer = connect(&self.config)?;
        let (publisher, mut publishing) = publisher::start(store.clone(), Arc::clone(&producer));
        let (posts, mut posting) = posting::start(store.clone(), publisher);
        let relay = Relay::new(store.clone(), Arc::clone(&producer), Jitter::random());
        let gallery =
            Gallery::new(self.config.recognition.uri(), self.config.gallery_token()?, Limits::USUAL);
        let under_way = UnderWay::default();
        let known_people = KnownPeople::new(store.clone(), gallery.clone(), under_way.clone());
        let no_more_posts = CancellationToken::new();
        let mut relaying = tokio::spawn(relay.run(no_more_posts.clone()));
        let health = Health::new(process)
            .requires("database", {
                let pool = pool.clone();
                move || migrations::readiness::to_write(pool.clone())
            })
            .reports("queue", {
                let producer = Arc::clone(&producer);
                move || ready(queue_readiness(&producer))
            })
            .reports("recogniser", {
                let gallery = gallery.clone();
                move || {
                    let gallery = gallery.clone();
                    async move { gallery.health().await }
                }
            });

        let image_root = Arc::new(self.config.image_root);
        let state = AppState {
            face_photos: FacePhotos::new(Arc::clone(&image_root)),
            uploads: Uploads::new(Arc::clone(&image_root)),
            photo_turns: Turns::new(PHOTOS_AT_ONCE, PATIENCE),
            under_way: under_way.clone(),
            stopping: stopping.clone(),
            store,
            posts,
            image_root,
            statistics: statistics::Kept::default(),
            access,
            gallery,
            known_people,
        };
        let router = routes::router(state).merge(health.router());
        tracing::info!(address = %self.listener.local_addr()?, "the receiver listens");
        let serving = listen::serve(self.listener, router, stopping);
        tokio::select! {
            served = serving => served?,
            ended = &mut posting => anyhow::bail!("posts are no longer stored: {ended:?}"),
            ended = &mut publishing => anyhow::bail!("the publisher ended before the receiver: {ended:?}"),
            ended = &mut relaying => anyhow::bail!("the relay ended before the receiver: {ended:?}"),
        }

        // The router and with it every way to post is gone: the posts that are left are stored, then their messages are
        // sent, and the relay ends with its round.
        no_more_posts.cancel();
        end_of([posting, publishing, relaying]).await;
        if timeout(CHANGE_BUDGET, under_way.ended()).await.is_err() {
            tracing::warn!("the recogniser or the database does not answer, a change is given up");
        }
        let closing = async {
            producer.close().await;
            pool.close().await;
        };
        if timeout(CLOSE_BUDGET, closing).await.is_err() {
            tracing::warn!("nsqd or the database does not take leave");
        }
        Ok(())
    }
}

/// The way to the queue.
pub(crate) fn connect(config: &Config) -> anyhow::Result<Arc<Producer>> {
    Ok(Arc::new(Producer::new(config.nsqd_addr.clone(), ProducerOptions::default())?))
}

/// Waits for tasks that have nothing left to wait for, and ends those that take too long.
pub(crate) async fn end_of(tasks: impl IntoIterator<Item = JoinHandle<()>>) {
    let deadline = Instant::now() + PUBLISH_BUDGET;
    for mut task in tasks {
        match timeout_at(deadline, &mut task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "a task of the receiver ended badly"),
            Err(_) => {
                tracing::warn!(
                    "the database or nsqd does not take the last messages, they stay in the outbox"
                );
                task.abort();
                _ = task.await;
            }
        }
    }
}

fn queue_readiness(producer: &Producer) -> Result<(), String> {
    if producer.is_connected() {
        Ok(())
    } else {
        Err("no nsqd is connected, messages are kept in the outbox: see that one runs, and that NSQD_ADDR leads to it".to_owned())
    }
}
