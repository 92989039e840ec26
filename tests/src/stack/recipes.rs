//! How each of our own programs is started.

use std::{env, ffi::OsString, net::SocketAddr};

use super::{Layout, Ports};
use crate::{installed::Installed, mariadb::MariaDb, nsq::NsqDaemon, process::Recipe};

type Environment = Vec<(&'static str, OsString)>;

/// A port that the system chooses.
const ANY: &str = "127.0.0.1:0";

pub(super) struct Recipes<'a> {
    pub(super) layout: &'a Layout,
    pub(super) installed: &'a Installed,
    pub(super) ports: Ports,
}

impl Recipes<'_> {
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
        self.program("migrate", mariadb.environment())
    }

    pub(super) fn face_recognition(&self) -> anyhow::Result<Recipe> {
        let mut environment: Environment = vec![
            ("IMAGE_ROOT", self.layout.image_root().into()),
            ("KNOWN_PEOPLE", self.layout.known_people().into()),
            ("MODEL_PACK", self.layout.model_pack().into()),
            ("ONNX_RUNTIME", self.installed.assets.join("lib/libonnxruntime.so").into()),
        ];
        environment.extend(self.address("FACE_RECOGNITION_ADDR"));
        environment.extend(self.address("FACE_RECOGNITION_ADMIN_ADDR"));
        self.program("face-recognition", environment)
    }

    pub(super) fn receiver(&self, mariadb: &MariaDb, nsqd: &NsqDaemon) -> anyhow::Result<Recipe> {
        let mut environment = mariadb.environment();
        environment.push(("IMAGE_ROOT", self.layout.image_root().into()));
        environment.push(("NSQD_ADDR", nsqd.tcp.to_string().into()));
        environment.extend(self.address("RECEIVER_ADDR"));
        self.program("receiver", environment)
    }

    pub(super) fn image_processor(
        &self,
        mariadb: &MariaDb,
        nsqlookupd: &NsqDaemon,
        recognition: SocketAddr,
    ) -> anyhow::Result<Recipe> {
        let mut environment = mariadb.environment();
        environment.push(("IMAGE_ROOT", self.layout.image_root().into()));
        environment.push(("NSQLOOKUPD_ADDRS", nsqlookupd.http.to_string().into()));
        environment.push(("RECOGNITION", format!("http://{recognition}").into()));
        environment.extend(self.address("IMAGE_PROCESSOR_ADDR"));
        self.program("image-processor", environment)
    }

    pub(super) fn frontend(&self, mariadb: &MariaDb) -> anyhow::Result<Recipe> {
        let mut environment = mariadb.environment();
        environment.extend(self.address("FRONTEND_ADDR"));
        self.program("frontend", environment)
    }

    fn address(&self, variable: &'static str) -> Option<(&'static str, OsString)> {
        (self.ports == Ports::Any).then(|| (variable, ANY.into()))
    }

    fn program(&self, name: &'static str, environment: Environment) -> anyhow::Result<Recipe> {
        // A person's environment and `.env` count; a test's outcome must not depend on them.
        let (inherits, folder) = match self.ports {
            Ports::Usual => (true, env::current_dir()?),
            Ports::Any => (false, self.layout.home().to_owned()),
        };
        Ok(Recipe {
            name,
            program: self.installed.service(name)?,
            arguments: Vec::new(),
            inherits,
            environment,
            folder,
            logs: self.layout.logs(),
        })
    }
}
