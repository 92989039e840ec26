//! What a stack is to consist of, and starting it.

use std::{ffi::OsString, net::SocketAddr};

use super::{Gates, Layout, Link, Stack, recipes::Recipes};
use crate::{
    installed::Installed,
    mariadb::{MariaDb, Sizes},
    nsq::{Announcement, NsqDaemon},
    process::Recipe,
};

/// Which ports the services listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// The documented ones, or what the environment and `.env` say.
    Usual,
    /// Whichever the system has free; for tests.
    Any,
}

/// A stack that is not started yet: one of each part, unless it is told otherwise.
#[derive(Debug)]
pub struct Plan {
    recipes: Recipes,
    recogniser: Option<SocketAddr>,
    workers: usize,
    receivers: usize,
    gated: bool,
    database: Sizes,
}

impl Plan {
    /// A stack in a folder, made from what is installed.
    #[must_use]
    pub fn new(layout: &Layout, installed: &Installed, ports: Ports) -> Self {
        let recipes = Recipes::new(layout.clone(), installed.clone(), ports);
        Self { recipes, recogniser: None, workers: 1, receivers: 1, gated: false, database: Sizes::SMALL }
    }

    /// Asks the recogniser at this address instead of starting one.
    #[must_use]
    pub fn recogniser_at(self, address: SocketAddr) -> Self {
        Self { recogniser: Some(address), ..self }
    }

    /// Starts so many of image-processor.
    #[must_use]
    pub fn workers(self, count: usize) -> Self {
        Self { workers: count, ..self }
    }

    /// Starts so many of receiver; one at least.
    #[must_use]
    pub fn receivers(self, count: usize) -> Self {
        Self { receivers: count, ..self }
    }

    /// Puts a gate into each kind of connection.
    #[must_use]
    pub fn gated(self) -> Self {
        Self { gated: true, ..self }
    }

    /// Gives the database another size than that for one person.
    #[must_use]
    pub fn database(self, sizes: Sizes) -> Self {
        Self { database: sizes, ..self }
    }

    /// Sets an environment variable for a service, each time that it is started.
    #[must_use]
    pub fn set(mut self, service: &'static str, variable: &'static str, value: impl Into<OsString>) -> Self {
        self.recipes.set(service, variable, value.into());
        self
    }

    /// Starts everything and waits until it is ready. `progress` hears what is being done.
    pub async fn start(self, progress: impl Fn(&str)) -> anyhow::Result<Stack> {
        let Self { mut recipes, recogniser, workers, receivers, gated, database } = self;
        if gated {
            recipes.gates = Gates::open().await?;
        }
        let (layout, installed) = (&recipes.layout, &recipes.installed);
        layout.create_folders()?;
        layout.choose_passwords()?;
        if recogniser.is_none() && !layout.model_pack().is_dir() {
            progress("converting the models (once)");
            run_to_end(&recipes.import_models()?).await?;
        }
        progress("starting MariaDB");
        let mariadb =
            MariaDb::start_sized(&layout.mariadb(), &layout.mariadb_template(), &layout.logs(), database)
                .await?;
        run_to_end(&recipes.migrate(&mariadb)?).await?;

        progress("starting nsqlookupd and nsqd");
        let nsqlookupd = NsqDaemon::start_lookupd(installed, layout.home(), &layout.logs()).await?;
        let announcement = Announcement {
            lookupd: recipes.gates.before(Link::NsqdToNsqlookupd, nsqlookupd.tcp),
            port: recipes.gates.at(Link::WorkerToNsqd).map(|gate| gate.address().port()),
        };
        let nsqd = NsqDaemon::start_nsqd(installed, announcement, &layout.nsqd(), &layout.logs()).await?;
        recipes.gates.before(Link::WorkerToNsqd, nsqd.tcp);

        progress("starting the services");
        let (face_recognition, recognition) = match recogniser {
            Some(address) => (None, address),
            None => {
                let service = recipes.face_recognition()?.start().await?;
                let address = service.addresses[0];
                (Some(service), address)
            }
        };
        let receiver = recipes.receiver(&mariadb, &nsqd)?;
        let receiver = recipes.listening_at_one(receiver, "RECEIVER_ADDR").start().await?;
        recipes.gates.before(Link::ClientToReceiver, receiver.addresses[0]);
        let mut image_processors = Vec::new();
        for number in 1..=workers {
            let worker = recipes.start_worker(&mariadb, &nsqlookupd, recognition, number).await?;
            image_processors.push(worker);
        }
        let shown = [("receiver", &receiver)].into_iter();
        let shown = shown.chain(image_processors.iter().map(|worker| ("image-processor", worker)));
        let shown = shown.chain(face_recognition.iter().map(|recogniser| ("face-recognition", recogniser)));
        let frontend = recipes.frontend(&mariadb, &receiver, shown)?.start().await?;
        let mut stack = Stack {
            mariadb,
            nsqlookupd,
            nsqd,
            face_recognition,
            image_processors,
            receiver,
            further_receivers: Vec::new(),
            frontend,
            recognition,
            recipes,
        };
        for _ in 1..receivers {
            stack.start_receiver().await?;
        }
        progress("reading the known people");
        stack.wait_until_ready().await?;
        Ok(stack)
    }
}

/// Runs a program that ends by itself.
async fn run_to_end(recipe: &Recipe) -> anyhow::Result<()> {
    recipe.start()?.expect_success().await
}
