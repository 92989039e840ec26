//! The whole system in one folder: MariaDB, nsqlookupd, nsqd and the four services, each a child process.

mod layout;
mod recipes;

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;

pub use layout::Layout;

use crate::{
    installed::Installed,
    mariadb::MariaDb,
    nsq::NsqDaemon,
    process::Recipe,
    service::{AddressFile, Service},
};
use recipes::Recipes;

/// How long a service may take to be ready; face-recognition reads every known photo before.
const READY_BUDGET: Duration = Duration::from_mins(5);

/// Which ports the services listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// The documented ones, or what the environment and `.env` say.
    Usual,
    /// Whichever the system has free; for tests.
    Any,
}

/// The running system. Dropping it kills all of it; [`Stack::stop`] stops it in order.
#[derive(Debug)]
pub struct Stack {
    /// The database.
    pub mariadb: MariaDb,
    /// Knows the nsqds.
    pub nsqlookupd: NsqDaemon,
    /// The queue.
    pub nsqd: NsqDaemon,
    /// gRPC first, then health and metrics.
    pub face_recognition: Service,
    /// The worker; its one address is health and metrics.
    pub image_processor: Service,
    /// The HTTP interface.
    pub receiver: Service,
    /// The pages.
    pub frontend: Service,
}

impl Stack {
    /// Starts everything and waits until it is ready. `progress` hears what is being done.
    pub async fn start(
        layout: &Layout,
        installed: &Installed,
        ports: Ports,
        progress: impl Fn(&str),
    ) -> anyhow::Result<Self> {
        layout.create_folders()?;
        let recipes = Recipes { layout, installed, ports };
        if !layout.model_pack().is_dir() {
            progress("converting the models (once)");
            run_to_end(recipes.import_models()?).await?;
        }
        progress("starting MariaDB");
        let mariadb = MariaDb::start(&layout.mariadb(), &layout.mariadb_template(), &layout.logs()).await?;
        run_to_end(recipes.migrate(&mariadb)?).await?;

        progress("starting nsqlookupd and nsqd");
        let nsqlookupd = NsqDaemon::start_lookupd(installed, layout.home(), &layout.logs()).await?;
        let nsqd = NsqDaemon::start_nsqd(installed, &nsqlookupd, &layout.nsqd(), &layout.logs()).await?;

        progress("starting the services");
        let mut face_recognition = start_service(
            recipes.face_recognition()?,
            vec![
                layout.address_file("--addr-file", "face-recognition"),
                layout.address_file("--admin-addr-file", "face-recognition-admin"),
            ],
        )
        .await?;
        let (grpc, admin) = (face_recognition.addresses[0], face_recognition.addresses[1]);
        let mut receiver = start_one(layout, recipes.receiver(&mariadb, &nsqd)?).await?;
        let mut image_processor =
            start_one(layout, recipes.image_processor(&mariadb, &nsqlookupd, grpc)?).await?;
        let mut frontend = start_one(layout, recipes.frontend(&mariadb)?).await?;

        progress("reading the known people");
        face_recognition.wait_until_ready(admin, READY_BUDGET).await?;
        for service in [&mut receiver, &mut image_processor, &mut frontend] {
            let address = service.addresses[0];
            service.wait_until_ready(address, READY_BUDGET).await?;
        }
        Ok(Self { mariadb, nsqlookupd, nsqd, face_recognition, image_processor, receiver, frontend })
    }

    /// Address of a route of the receiver, for instance `/image/post`.
    #[must_use]
    pub fn receiver_url(&self, route: &str) -> String {
        format!("http://{}{route}", self.receiver.addresses[0])
    }

    /// Address of a page.
    #[must_use]
    pub fn frontend_url(&self, page: &str) -> String {
        format!("http://{}{page}", self.frontend.addresses[0])
    }

    /// Address of the recogniser.
    #[must_use]
    pub fn recognition_address(&self) -> SocketAddr {
        self.face_recognition.addresses[0]
    }

    /// Waits until any process ends by itself, which none should.
    pub async fn unexpected_end(&mut self) -> anyhow::Error {
        tokio::select! {
            error = self.mariadb.process().unexpected_end() => error,
            error = self.nsqlookupd.process().unexpected_end() => error,
            error = self.nsqd.process().unexpected_end() => error,
            error = self.face_recognition.process().unexpected_end() => error,
            error = self.image_processor.process().unexpected_end() => error,
            error = self.receiver.process().unexpected_end() => error,
            error = self.frontend.process().unexpected_end() => error,
        }
    }

    /// Stops everything, what others depend on last. All are stopped, also when one makes trouble; the first trouble
    /// is the answer.
    pub async fn stop(self) -> anyhow::Result<()> {
        let stopped = [
            self.frontend.stop().await,
            self.receiver.stop().await,
            self.image_processor.stop().await,
            self.face_recognition.stop().await,
            self.nsqd.stop().await,
            self.nsqlookupd.stop().await,
            self.mariadb.stop().await,
        ];
        stopped.into_iter().collect()
    }
}

async fn start_service(recipe: Recipe, files: Vec<AddressFile>) -> anyhow::Result<Service> {
    let name = recipe.name;
    Service::start(recipe, files).await.with_context(|| format!("{name} does not start"))
}

async fn start_one(layout: &Layout, recipe: Recipe) -> anyhow::Result<Service> {
    let file = layout.address_file("--addr-file", recipe.name);
    start_service(recipe, vec![file]).await
}

/// Runs a program that ends by itself.
async fn run_to_end(recipe: Recipe) -> anyhow::Result<()> {
    recipe.start()?.expect_success().await
}
