//! A private MariaDB: own data folder, Unix socket, no port, no system service.
//!
//! Laying out a data folder takes seconds and is the same every time, so it is done once and copied.

use std::{
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::Context;
use migrations::accounts::{Account, Credentials};
use sqlx::{
    Connection, MySqlConnection, MySqlPool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    folder,
    installed::find_program,
    password_file,
    process::{Process, Recipe},
};

const START_BUDGET: Duration = Duration::from_mins(1);
const STOP_BUDGET: Duration = Duration::from_secs(30);
/// The kernel's limit on the path of a Unix socket, without the NUL at its end.
const SOCKET_PATH_BYTES: usize = 107;
/// The database of the services, and the account that may make theirs.
pub const NAME: &str = "rollcall";
/// Of the services' accounts in a scratch database.
pub const SCRATCH_PASSWORD: &str = "scratch";

/// A running server with the database `rollcall` and an account that administers it.
#[derive(Debug)]
pub struct MariaDb {
    process: Process,
    socket: PathBuf,
    password_file: PathBuf,
    /// Holds the socket where the data folder's path is too long for one.
    _socket_folder: Option<TempDir>,
}

impl MariaDb {
    /// Starts a server whose data lies in `folder`; a new folder is filled from `template`, which is made when it is
    /// not there.
    pub async fn start(folder: &Path, template: &Path, logs: &Path) -> anyhow::Result<Self> {
        Self::start_sized(folder, template, logs, Sizes::SMALL).await
    }

    /// The same, of another size.
    pub async fn start_sized(
        folder: &Path,
        template: &Path,
        logs: &Path,
        sizes: Sizes,
    ) -> anyhow::Result<Self> {
        let data = folder.join("data");
        if !data.join("mysql").is_dir() {
            make_template(template).await?;
            // Copied beside its place and moved there: half a copy is never taken for data.
            let unfinished = tempfile::tempdir_in(folder)?;
            folder::copy(template, unfinished.path()).context("cannot copy the database template")?;
            fs::rename(unfinished.keep(), &data)?;
        }
        let password_file = folder.join("password");
        password_file::choose_once(&password_file)?;
        let (socket, socket_folder) = socket_path(folder)?;
        let init = folder.join("init.sql");
        password_file::write(&init, &init_statements(&fs::read_to_string(&password_file)?))?;

        let program = find_program("mariadbd", &[Path::new("/usr/sbin")])
            .context("mariadbd is missing: run `make setup`, which installs mariadb-server-core")?;
        let mut arguments: Vec<OsString> = vec!["--no-defaults".into(), "--skip-networking".into()];
        arguments.push(option("--datadir=", &data));
        arguments.push(option("--socket=", &socket));
        arguments.push(option("--init-file=", &init));
        arguments.push(option("--pid-file=", &folder.join("pid")));
        arguments.extend(sizes.options().map(OsString::from));
        arguments.extend(user_option());
        let recipe = Recipe {
            name: "mariadb".to_owned(),
            program,
            arguments,
            inherits: true,
            environment: Vec::new(),
            folder: folder.to_owned(),
            logs: logs.to_owned(),
        };
        let mut server =
            Self { process: recipe.start()?, socket, password_file, _socket_folder: socket_folder };
        server.wait_until_it_answers().await?;
        Ok(server)
    }

    async fn wait_until_it_answers(&mut self) -> anyhow::Result<()> {
        let options = self.connect_options()?;
        let answers = self.process.wait_until("to answer", START_BUDGET, async || {
            let connection = MySqlConnection::connect_with(&options).await?;
            connection.close().await
        });
        answers.await
    }

    /// A pool for tests that look into the tables themselves.
    pub fn pool(&self) -> anyhow::Result<MySqlPool> {
        Ok(MySqlPoolOptions::new().connect_lazy_with(self.connect_options()?))
    }

    /// A pool of another account.
    #[must_use]
    pub fn pool_of(&self, account: &str, password: &str) -> MySqlPool {
        MySqlPoolOptions::new().connect_lazy_with(self.connect_options_of(account, password))
    }

    fn connect_options(&self) -> anyhow::Result<MySqlConnectOptions> {
        Ok(self.connect_options_of(NAME, &fs::read_to_string(&self.password_file)?))
    }

    fn connect_options_of(&self, account: &str, password: &str) -> MySqlConnectOptions {
        MySqlConnectOptions::new().socket(&self.socket).username(account).database(NAME).password(password)
    }

    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// What an administrator needs to know to connect.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        self.environment_of(NAME, &self.password_file)
    }

    /// What another account needs to know to connect.
    #[must_use]
    pub fn environment_of(&self, account: &str, password_file: &Path) -> Vec<(&'static str, OsString)> {
        vec![
            ("MYSQL_SOCKET", self.socket.clone().into()),
            ("MYSQL_DATABASE", NAME.into()),
            ("MYSQL_USER", account.into()),
            ("MYSQL_PASSWORD_FILE", password_file.into()),
        ]
    }

    /// The child process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Takes no more writes but an administrator's, as a server that is no longer the primary.
    pub async fn refuse_writes(&self) -> anyhow::Result<()> {
        self.administer("SET GLOBAL read_only = ON").await
    }

    /// Takes writes again.
    pub async fn take_writes(&self) -> anyhow::Result<()> {
        self.administer("SET GLOBAL read_only = OFF").await
    }

    async fn administer(&self, statement: &'static str) -> anyhow::Result<()> {
        let mut connection = MySqlConnection::connect_with(&self.connect_options()?).await?;
        sqlx::query(statement).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Stops the server, with all data on disk. One that is down stays so.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if !self.process.is_down() {
            self.process.stop(STOP_BUDGET).await?;
        }
        Ok(())
    }

    /// Starts it after it was stopped or killed, with its data and at the same socket.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        anyhow::ensure!(self.process.is_down(), "the database runs");
        self.process = self.process.recipe().start()?;
        self.wait_until_it_answers().await
    }
}

/// A migrated database of its own for one test, gone with it.
#[derive(Debug)]
pub struct ScratchDatabase {
    /// An administrator's, for the test itself.
    pub pool: MySqlPool,
    /// For tests that stop it, or connect to it in their own way.
    pub server: MariaDb,
    _folder: TempDir,
}

impl ScratchDatabase {
    /// Starts a server, applies the migrations and makes the accounts of the services.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = MariaDb::start(folder.path(), &shared_template(), folder.path()).await?;
        let pool = server.pool()?;
        let accounts = Account::ALL.map(|account| {
            let Ok(password) = SCRATCH_PASSWORD.parse();
            Credentials::new(account, password)
        });
        let accounts = accounts.into_iter().collect::<Result<Vec<_>, _>>()?;
        migrations::schema::migrate_with_accounts(&pool, &accounts).await?;
        Ok(Self { pool, server, _folder: folder })
    }

    /// The pool of a service, for the code under test: it may do what the service's account may.
    #[must_use]
    pub fn pool_of(&self, account: Account) -> MySqlPool {
        self.server.pool_of(account.name(), SCRATCH_PASSWORD)
    }
}

/// The template that all tests of this build share.
#[must_use]
pub fn shared_template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/mariadb-template")
}

/// How much of the machine a server takes.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// The redo log, on disk.
    pub log_mib: u32,
    /// The buffer pool, in memory.
    pub buffer_pool_mib: u32,
}

impl Sizes {
    /// Small and quick rather than fit for a million rows: for one person.
    pub const SMALL: Self = Self { log_mib: 16, buffer_pool_mib: 128 };

    fn options(self) -> [String; 2] {
        [
            format!("--innodb-log-file-size={}M", self.log_mib),
            format!("--innodb-buffer-pool-size={}M", self.buffer_pool_mib),
        ]
    }
}

async fn make_template(template: &Path) -> anyhow::Result<()> {
    let parent = template.parent().context("the template lies in a folder")?;
    fs::create_dir_all(parent)?;
    // Tests run side by side: the first makes the template, the others wait for it.
    let lock = File::create(template.with_extension("lock"))?;
    lock.lock()?;
    if template.is_dir() {
        return Ok(());
    }
    let unfinished = tempfile::tempdir_in(parent)?;
    let output = Command::new("mariadb-install-db")
        .args(["--no-defaults", "--auth-root-authentication-method=socket", "--skip-test-db"])
        .args(Sizes::SMALL.options())
        .arg(option("--datadir=", unfinished.path()))
        .args(user_option())
        .stdin(Stdio::null())
        .output()
        .await
        .context("mariadb-install-db is missing: run `make setup`, which installs mariadb-server-core")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "mariadb-install-db failed ({}): {said}", output.status);
    fs::rename(unfinished.keep(), template)?;
    Ok(())
}

/// Run at every start; one statement a line, as the server wants it.
fn init_statements(password: &str) -> String {
    format!(
        "CREATE DATABASE IF NOT EXISTS {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n\
         CREATE USER IF NOT EXISTS '{NAME}'@'localhost' IDENTIFIED BY '{password}';\n\
         GRANT ALL ON {NAME}.* TO '{NAME}'@'localhost' WITH GRANT OPTION;\n\
         GRANT CREATE USER, READ_ONLY ADMIN ON *.* TO '{NAME}'@'localhost';\n"
    )
}

fn socket_path(folder: &Path) -> anyhow::Result<(PathBuf, Option<TempDir>)> {
    let beside_the_data = folder.join("mariadb.sock");
    if beside_the_data.as_os_str().len() <= SOCKET_PATH_BYTES {
        return Ok((beside_the_data, None));
    }
    let short = tempfile::tempdir()?;
    Ok((short.path().join("mariadb.sock"), Some(short)))
}

fn option(name: &str, value: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(value);
    option
}

/// The server refuses to run as root unless it is told to.
fn user_option() -> Option<OsString> {
    rustix::process::geteuid().is_root().then(|| "--user=root".into())
}
