//! The lives of a receiver: groups of posts, the publisher and the relay, wired as the service wires them; and the clients
//! that post, again and again until they are answered.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use picture_path::PicturePath;
use receiver::{
    posting::{self, Posts},
    publisher,
    relay::Relay,
    store::Post,
};
use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::Life;
use crate::{
    chance::Chance, line::Line, model_queue::ModelProducer, model_recogniser::path_of,
    model_store::ModelStore, plan::Actor, processes::workers::LEASE, trace::Event, world::World,
};

/// Between two tries of a client.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The receivers that clients find, each in its place while it lives.
#[derive(Clone)]
pub struct Clients(Arc<Mutex<Vec<Option<Posts<ModelStore>>>>>);

impl Clients {
    /// Nobody is found yet in so many places.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self(Arc::new(Mutex::new((0..places).map(|_| None).collect())))
    }

    fn places(&self) -> MutexGuard<'_, Vec<Option<Posts<ModelStore>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts one picture at its time, and again when somebody asks for another look.
    pub async fn post(self, world: Arc<World>, picture: usize, chance: Chance) {
        let planned = world.plan.pictures[picture];
        for (time, rerun) in [(Some(planned.posted), false), (planned.again, true)] {
            let Some(time) = time else { continue };
            sleep_until(world.instant(time)).await;
            self.post_until_answered(&world, picture, rerun, &chance).await;
        }
    }

    async fn post_until_answered(&self, world: &Arc<World>, picture: usize, rerun: bool, chance: &Chance) {
        let path = PicturePath::parse(&path_of(picture), Path::new("/")).expect("a number is a path");
        let post = Post::new(path, None, rerun);
        loop {
            let found = {
                let places = self.places();
                places[chance.below(places.len())].clone()
            };
            if let Some(found) = found
                && let Ok(Ok(Ok(accepted))) = timeout(PATIENCE, found.submit(post.clone())).await
            {
                world.note(Event::Accepted { picture, image: accepted.id });
                world.state().checker.promised(accepted.id, picture);
                return;
            }
            sleep(PAUSE).await;
        }
    }
}

/// Leads one receiver's lives until all processes are to stop.
pub async fn receive(
    world: Arc<World>,
    place: usize,
    clients: Clients,
    chance: Chance,
    all_stop: CancellationToken,
) {
    let planned = world.plan.receivers[place].clone();
    for end in planned.ends.iter().copied().map(Some).chain([None]) {
        let line = Line::new(&world, Actor::Receiver(place), &chance);
        begin(&world, line, place, &clients, &chance).lead(&world, end, &all_stop).await;
        clients.places()[place] = None;
    }
}

fn begin(world: &Arc<World>, line: Line, place: usize, clients: &Clients, chance: &Chance) -> Life {
    world.note(Event::Began(line.actor));
    let store = ModelStore::new(line.clone(), LEASE);
    let queue = ModelProducer::new(line.clone());
    let (publisher, publishing) = publisher::start(store.clone(), queue.clone());
    let (posts, posting) = posting::start(store.clone(), publisher);
    clients.places()[place] = Some(posts);
    let stopping = CancellationToken::new();
    let relay = Relay::new(store, queue, chance.jitter());
    let (clients, told) = (clients.clone(), stopping.clone());
    let task = tokio::spawn(async move {
        // They end with this task, be it aborted.
        let mut tasks = JoinSet::new();
        tasks.spawn(relay.run(told.clone()));
        let (posting, publishing) = (Aborted(posting), Aborted(publishing));
        tokio::select! {
            biased;
            () = told.cancelled() => {}
            ended = tasks.join_next() => anyhow::bail!("the relay ended before the receiver: {ended:?}"),
        }
        clients.places()[place] = None;
        posting.join().await?;
        publishing.join().await?;
        while let Some(ended) = tasks.join_next().await {
            ended?;
        }
        Ok(())
    });
    Life { line, stopping, task }
}

/// A task that ends with its owner.
struct Aborted(tokio::task::JoinHandle<()>);

impl Aborted {
    async fn join(mut self) -> anyhow::Result<()> {
        Ok((&mut self.0).await?)
    }
}

impl Drop for Aborted {
    fn drop(&mut self) {
        self.0.abort();
    }
}
