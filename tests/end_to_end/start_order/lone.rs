//! A folder in which parts are started one by one, and what a service says of what it waits for.

use std::{ffi::OsString, fs, time::Duration};

use migrations::accounts::{Account, Credentials};
use rollcall_tests::{
    http,
    installed::Installed,
    mariadb::{self, MariaDb, SCRATCH_PASSWORD},
    nsq::NsqDaemon,
    process::Recipe,
    service::{AddressFile, Service},
    wait,
};
use serde_json::Value;
use tempfile::TempDir;

/// Long enough for a slow machine; who waits for it has failed.
const DEADLINE: Duration = Duration::from_mins(1);

pub(super) type Environment = Vec<(&'static str, OsString)>;

/// The folder of one test.
pub(super) struct Place {
    pub(super) folder: TempDir,
    pub(super) installed: Installed,
}

/// The variable that asks for an address, the option that names the file for it; the last one is of health.
fn address_variables(program: &str) -> &'static [(&'static str, &'static str)] {
    match program {
        "receiver" => &[("RECEIVER_ADDR", "--addr-file")],
        "image-processor" => &[("IMAGE_PROCESSOR_ADDR", "--addr-file")],
        "frontend" => &[("FRONTEND_ADDR", "--addr-file")],
        "face-recognition" => {
            &[("FACE_RECOGNITION_ADDR", "--addr-file"), ("FACE_RECOGNITION_ADMIN_ADDR", "--admin-addr-file")]
        }
        other => panic!("{other} is no service"),
    }
}

impl Place {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, installed: Installed::find()? })
    }

    /// A database server without accounts and tables.
    pub(super) async fn database(&self) -> anyhow::Result<MariaDb> {
        let folder = self.folder.path().join("mariadb");
        fs::create_dir(&folder)?;
        MariaDb::start(&folder, &mariadb::shared_template(), self.folder.path()).await
    }

    /// nsqlookupd and an nsqd that announces itself there.
    pub(super) async fn queue(&self) -> anyhow::Result<(NsqDaemon, NsqDaemon)> {
        let folder = self.folder.path();
        let lookupd = NsqDaemon::start_lookupd(&self.installed, folder, folder).await?;
        let nsqd = NsqDaemon::start_nsqd(&self.installed, &lookupd, &folder.join("nsqd"), folder).await?;
        Ok((lookupd, nsqd))
    }

    /// What a service needs to know to come to the database under its own name.
    pub(super) fn account(&self, database: &MariaDb, account: Account) -> anyhow::Result<Environment> {
        let password = self.folder.path().join(account.name());
        fs::write(&password, SCRATCH_PASSWORD)?;
        Ok(database.environment_of(account.name(), &password))
    }

    /// Starts a program; nothing but this is in its environment.
    pub(super) async fn start(&self, program: &str, mut environment: Environment) -> anyhow::Result<Service> {
        let files = address_variables(program).iter().map(|(variable, option)| AddressFile {
            option,
            variable,
            path: self.folder.path().join(variable),
        });
        let files: Vec<AddressFile> = files.collect();
        environment.extend(files.iter().map(|file| (file.variable, "127.0.0.1:0".into())));
        Service::start(self.recipe(program, environment)?, files).await
    }

    pub(super) fn recipe(&self, program: &str, environment: Environment) -> anyhow::Result<Recipe> {
        Ok(Recipe {
            name: program.to_owned(),
            program: self.installed.service(program)?,
            arguments: Vec::new(),
            inherits: false,
            environment,
            folder: self.folder.path().to_owned(),
            logs: self.folder.path().to_owned(),
        })
    }
}

/// What `migrate` does.
pub(super) async fn migrate(database: &MariaDb) -> anyhow::Result<()> {
    let accounts = Account::ALL.map(|account| {
        let Ok(password) = SCRATCH_PASSWORD.parse();
        Credentials::new(account, password)
    });
    let accounts = accounts.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(migrations::schema::migrate_with_accounts(&database.pool()?, &accounts).await?)
}

async fn readiness(service: &Service) -> anyhow::Result<Value> {
    let answer = http::client()?.get(service.admin_url("/readyz")).send().await?;
    let status = answer.status();
    let said: Value = answer.json().await?;
    anyhow::ensure!(status.is_success() == (said["ready"] == true), "{status} and {said}");
    Ok(said)
}

/// Waits until the service says of this dependency what is missing, in words that hold these, and is alive meanwhile.
pub(super) async fn waits_for(service: &mut Service, dependency: &str, words: &str) -> anyhow::Result<()> {
    service.process().ensure_running()?;
    let what = format!("{} to say {words:?} of its {dependency}", service.process().recipe().name);
    wait::until(&what, DEADLINE, async || {
        let said = readiness(service).await?;
        let check = &said["checks"][dependency];
        let named =
            check["ok"] == false && check["detail"].as_str().is_some_and(|detail| detail.contains(words));
        anyhow::ensure!(named && (said["ready"] == false || check["required"] == false), "{said}");
        Ok(())
    })
    .await?;
    let alive = http::client()?.get(service.admin_url("/livez")).send().await?.status();
    anyhow::ensure!(alive.is_success(), "it is not alive: {alive}");
    service.process().ensure_running()
}

/// Waits until the service has all that it depends on, also what it can do without.
pub(super) async fn has_everything(service: &mut Service) -> anyhow::Result<()> {
    let what = format!("{} to have everything", service.process().recipe().name);
    wait::until(&what, DEADLINE, async || {
        let said = readiness(service).await?;
        let all =
            said["checks"].as_object().is_some_and(|checks| checks.values().all(|check| check["ok"] == true));
        anyhow::ensure!(all && said["ready"] == true, "{said}");
        Ok(())
    })
    .await?;
    service.process().ensure_running()
}
