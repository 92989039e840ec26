//! The whole system in one folder: MariaDB, nsqlookupd, nsqd and the four services, each a child process.

mod gates;
mod layout;
mod plan;
mod recipes;

use std::{net::SocketAddr, time::Duration};

use futures_util::future::select_all;

pub use gates::{Gates, Link};
pub use layout::Layout;
pub use plan::{Plan, Ports};

use crate::{
    installed::Installed,
    mariadb::MariaDb,
    nsq::NsqDaemon,
    process::{Process, Recipe},
    service::Service,
};
use recipes::Recipes;

/// How long a service may take to be ready; face-recognition reads every known photo before.
const READY_BUDGET: Duration = Duration::from_mins(5);

/// The running system. Dropping it kills all of it; [`Stack::stop`] stops it in order.
#[derive(Debug)]
pub struct Stack {
    /// The database.
    pub mariadb: MariaDb,
    /// Knows the nsqds.
    pub nsqlookupd: NsqDaemon,
    /// The queue.
    pub nsqd: NsqDaemon,
    /// gRPC first, then health and metrics; `None` where the recogniser is not one of the stack's parts.
    pub face_recognition: Option<Service>,
    /// The workers; the one address of each is health and metrics.
    pub image_processors: Vec<Service>,
    /// The HTTP interface.
    pub receiver: Service,
    /// More of the same beside it.
    pub further_receivers: Vec<Service>,
    /// The pages.
    pub frontend: Service,
    recognition: SocketAddr,
    recipes: Recipes,
}

impl Stack {
    /// Starts one of each part and waits until all are ready. `progress` hears what is being done.
    pub async fn start(
        layout: &Layout,
        installed: &Installed,
        ports: Ports,
        progress: impl Fn(&str),
    ) -> anyhow::Result<Self> {
        Plan::new(layout, installed, ports).start(progress).await
    }

    /// Starts one more image-processor, with a log of its own, and waits until it listens.
    pub async fn start_worker(&mut self) -> anyhow::Result<()> {
        let number = self.image_processors.len() + 1;
        let worker =
            self.recipes.start_worker(&self.mariadb, &self.nsqlookupd, self.recognition, number).await?;
        self.image_processors.push(worker);
        Ok(())
    }

    /// Starts one more receiver, with a log of its own, and waits until it listens.
    pub async fn start_receiver(&mut self) -> anyhow::Result<()> {
        let mut recipe = self.recipes.receiver(&self.mariadb, &self.nsqd, self.recognition)?;
        recipe.name = format!("{}-{}", recipe.name, self.further_receivers.len() + 2);
        let receiver = self.recipes.listening_at_one(recipe, "RECEIVER_ADDR").start().await?;
        self.further_receivers.push(receiver);
        Ok(())
    }

    /// Starts image-processor with other arguments, for one of its commands that end by themselves. `name` names the
    /// process and its log.
    pub fn start_worker_command(&self, name: &str, arguments: &[&str]) -> anyhow::Result<Process> {
        let mut recipe = self.image_processor()?;
        name.clone_into(&mut recipe.name);
        recipe.arguments.extend(arguments.iter().map(Into::into));
        recipe.start()
    }

    fn image_processor(&self) -> anyhow::Result<Recipe> {
        self.recipes.image_processor(&self.mariadb, &self.nsqlookupd, self.recognition)
    }

    /// Our own services, those first that others ask.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        let receivers = [&self.receiver].into_iter().chain(&self.further_receivers);
        self.face_recognition.iter().chain(&self.image_processors).chain(receivers).chain([&self.frontend])
    }

    /// Waits until every service that is not down says that it is ready.
    pub async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let services = self.face_recognition.iter_mut().chain(&mut self.image_processors);
        let services = services.chain([&mut self.receiver]).chain(&mut self.further_receivers);
        for service in services.chain([&mut self.frontend]) {
            if !service.process().is_down() {
                service.wait_until_ready(READY_BUDGET).await?;
            }
        }
        Ok(())
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
        self.recognition
    }

    /// The gates in its connections.
    #[must_use]
    pub fn gates(&self) -> &Gates {
        &self.recipes.gates
    }

    /// Waits until any process ends by itself, which none should.
    pub async fn unexpected_end(&mut self) -> anyhow::Error {
        let parts = [self.mariadb.process(), self.nsqlookupd.process(), self.nsqd.process()];
        let services = self.face_recognition.iter_mut().chain(&mut self.image_processors);
        let services = services.chain([&mut self.receiver]).chain(&mut self.further_receivers);
        let services = services.chain([&mut self.frontend]).map(Service::process);
        let ends = parts.into_iter().chain(services).map(|process| Box::pin(process.unexpected_end()));
        select_all(ends).await.0
    }

    /// Stops everything, what others depend on last. All are stopped, also when one makes trouble; the first trouble
    /// is the answer.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let mut stopped = vec![self.frontend.stop().await, self.receiver.stop().await];
        let services = self.further_receivers.iter_mut().chain(&mut self.image_processors);
        for service in services.chain(&mut self.face_recognition) {
            stopped.push(service.stop().await);
        }
        stopped.push(self.nsqd.stop().await);
        stopped.push(self.nsqlookupd.stop().await);
        stopped.push(self.mariadb.stop().await);
        stopped.into_iter().collect()
    }
}
