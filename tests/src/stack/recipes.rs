//! How each of our own programs is started.

use std::{env, ffi::OsString, net::SocketAddr};

use anyhow::Context;
use migrations::accounts::Account;

use super::{Gates, Layout, Link, Ports};
use crate::{
    gate::Target,
    installed::Installed,
    mariadb::MariaDb,
    nsq::NsqDaemon,
    process::Recipe,
    service::{AddressFile, Service},
};

type Environment = Vec<(&'static str, OsString)>;

/// A port that the system chooses.
const ANY: &str = "127.0.0.1:0";

#[derive(Debug)]
pub(super) struct Recipes {
    pub(super) layout: Layout,
    pub(super) installed: Installed,
    pub(super) gates: Gates,
    ports: Ports,
    /// Variables for one service, by its program's name.
    variables: Vec<(&'static str, &'static str, OsString)>,
}

/// How to start a service that listens.
pub(super) struct ServiceRecipe {
    recipe: Recipe,
    address_files: Vec<AddressFile>,
}

impl ServiceRecipe {
    pub(super) async fn start(self) -> anyhow::Result<Service> {
        let name = self.recipe.name.clone();
        Service::start(self.recipe, self.address_files)
            .await
            .with_context(|| format!("{name} does not start"))
    }
}

impl Recipes {
    pub(super) fn new(layout: Layout, installed: Installed, ports: Ports) -> Self {
        Self { layout, installed, gates: Gates::default(), ports, variables: Vec::new() }
    }

    /// Sets a variable for a service.
    pub(super) fn set(&mut self, service: &'static str, variable: &'static str, value: OsString) {
        self.variables.push((service, variable, value));
    }

    /// Makes the model pack from dlib's files.
    pub(super) fn import_models(&self) -> anyhow::Result<Recipe> {
        let mut recipe = self.program("face-recognition", Vec::new())?;
        recipe.arguments = vec![
            "import-dlib".into(),
            "--from".into(),
            self.installed.assets.join("dlib").into(),
            "--to".into(),
            self.layout.model_pack().into(),
        ];
        Ok(recipe)
    }

    pub(super) fn migrate(&self, mariadb: &MariaDb) -> anyhow::Result<Recipe> {
        let mut environment = mariadb.environment();
        environment.push(("ACCOUNTS", self.layout.accounts().into()));
        self.program("migrate", environment)
    }

    /// What a service needs to know to come to the database under its own name.
    fn database(&self, mariadb: &MariaDb, account: Account) -> Environment {
        let mut environment = mariadb.environment_of(account.name(), &self.layout.password_file(account));
        let link = match account {
            Account::Receiver => Some(Link::ReceiverToDatabase),
            Account::ImageProcessor => Some(Link::WorkerToDatabase),
            Account::Frontend => None,
        };
        let target = Target::Socket(mariadb.socket().to_owned());
        if let Some(gate) = link.and_then(|link| self.gates.instead(link, target)) {
            environment.retain(|(variable, _)| *variable != "MYSQL_SOCKET");
            environment.push(("MYSQL_HOST", gate.ip().to_string().into()));
            environment.push(("MYSQL_PORT", gate.port().to_string().into()));
        }
        environment
    }

    pub(super) fn face_recognition(&self) -> anyhow::Result<ServiceRecipe> {
        let environment: Environment = vec![
            ("IMAGE_ROOT", self.layout.image_root().into()),
            ("KNOWN_PEOPLE", self.layout.known_people().into()),
            ("STATE_DIR", self.layout.state().into()),
            ("MODEL_PACK", self.layout.model_pack().into()),
            ("ONNX_RUNTIME", self.installed.assets.join("lib/libonnxruntime.so").into()),
        ];
        let recipe = self.program("face-recognition", environment)?;
        let file = |option, variable, name| self.layout.address_file(option, variable, name);
        let grpc = file("--addr-file", "FACE_RECOGNITION_ADDR", "face-recognition");
        let admin = file("--admin-addr-file", "FACE_RECOGNITION_ADMIN_ADDR", "face-recognition-admin");
        Ok(self.listening(recipe, vec![grpc, admin]))
    }

    pub(super) fn receiver(&self, mariadb: &MariaDb, nsqd: &NsqDaemon) -> anyhow::Result<Recipe> {
        let mut environment = self.database(mariadb, Account::Receiver);
        environment.push(("IMAGE_ROOT", self.layout.image_root().into()));
        let nsqd = self.gates.before(Link::ReceiverToNsqd, nsqd.tcp);
        environment.push(("NSQD_ADDR", nsqd.to_string().into()));
        self.program("receiver", environment)
    }

    /// The worker, as a service or for one of its commands.
    pub(super) fn image_processor(
        &self,
        mariadb: &MariaDb,
        nsqlookupd: &NsqDaemon,
        recognition: SocketAddr,
    ) -> anyhow::Result<Recipe> {
        let mut environment = self.database(mariadb, Account::ImageProcessor);
        environment.push(("IMAGE_ROOT", self.layout.image_root().into()));
        let nsqlookupd = self.gates.before(Link::WorkerToNsqlookupd, nsqlookupd.http);
        let recognition = self.gates.before(Link::WorkerToRecogniser, recognition);
        environment.push(("NSQLOOKUPD_ADDRS", nsqlookupd.to_string().into()));
        environment.push(("RECOGNITION", format!("http://{recognition}").into()));
        self.program("image-processor", environment)
    }

    /// Starts a worker; each has a log of its own.
    pub(super) async fn start_worker(
        &self,
        mariadb: &MariaDb,
        nsqlookupd: &NsqDaemon,
        recognition: SocketAddr,
        number: usize,
    ) -> anyhow::Result<Service> {
        let mut recipe = self.image_processor(mariadb, nsqlookupd, recognition)?;
        if number > 1 {
            recipe.name = format!("{}-{number}", recipe.name);
        }
        self.listening_at_one(recipe, "IMAGE_PROCESSOR_ADDR").start().await
    }

    /// The pages, which ask the receiver for changes and show how these services are.
    pub(super) fn frontend<'a>(
        &self,
        mariadb: &MariaDb,
        receiver: &Service,
        services: impl Iterator<Item = (&'static str, &'a Service)>,
    ) -> anyhow::Result<ServiceRecipe> {
        let mut environment = self.database(mariadb, Account::Frontend);
        environment.push(("IMAGE_ROOT", self.layout.image_root().into()));
        environment.push(("KNOWN_PEOPLE", self.layout.known_people().into()));
        environment.push(("CACHE_DIR", self.layout.cache().into()));
        environment.push(("API", receiver.admin_url("").into()));
        let services: Vec<String> =
            services.map(|(name, service)| format!("{name}={}", service.admin_url(""))).collect();
        environment.push(("SERVICES", services.join(",").into()));
        let recipe = self.program("frontend", environment)?;
        Ok(self.listening_at_one(recipe, "FRONTEND_ADDR"))
    }

    /// A service with one address.
    pub(super) fn listening_at_one(&self, recipe: Recipe, variable: &'static str) -> ServiceRecipe {
        let file = self.layout.address_file("--addr-file", variable, &recipe.name);
        self.listening(recipe, vec![file])
    }

    fn listening(&self, mut recipe: Recipe, address_files: Vec<AddressFile>) -> ServiceRecipe {
        if self.ports == Ports::Any {
            recipe.environment.extend(address_files.iter().map(|file| (file.variable, ANY.into())));
        }
        ServiceRecipe { recipe, address_files }
    }

    fn program(&self, name: &str, mut environment: Environment) -> anyhow::Result<Recipe> {
        // A person's environment and `.env` count; a test's outcome must not depend on them.
        let (inherits, folder) = match self.ports {
            Ports::Usual => (true, env::current_dir()?),
            Ports::Any => (false, self.layout.home().to_owned()),
        };
        let own = self.variables.iter().filter(|(service, ..)| *service == name);
        environment.extend(own.map(|(_, variable, value)| (*variable, value.clone())));
        Ok(Recipe {
            name: name.to_owned(),
            program: self.installed.service(name)?,
            arguments: Vec::new(),
            inherits,
            environment,
            folder,
            logs: self.layout.logs(),
        })
    }
}
