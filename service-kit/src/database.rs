//! Where the database is, who we are there, and the pool that follows. Speaks to MySQL 8 and MariaDB 10.6 and later.

mod fault;

use std::{io, path::PathBuf, time::Duration};

use clap::Args;
use sqlx::{
    Executor, MySqlConnection, Row,
    mysql::{MySqlConnectOptions, MySqlPool, MySqlPoolOptions, MySqlSslMode},
};
use tokio::time::timeout;

pub use fault::DatabaseFault;

use crate::secret::{self, Secret};

/// How long a caller waits for a connection before it hears that the database is away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection that comes back to the pool may take to end what it was left with.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a statement waits for a row that somebody else has locked. Well below the time that any service gives a
/// transaction, so that the server says which statement waited, and not our clock.
const LOCK_WAIT: &str = "SET SESSION innodb_lock_wait_timeout = 3";

/// Ends what is open and says whether the server takes writes. The words are MariaDB 12's, the numbers everybody else's.
const END_AND_ASK: &str =
    "ROLLBACK; SELECT @@global.read_only IN ('0', 'OFF') AND @@global.innodb_read_only IN ('0', 'OFF')";

/// Connection arguments of the database.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseArgs {
    /// Host name or address of the database server.
    #[arg(long, env = "MYSQL_HOST", default_value = "127.0.0.1")]
    pub mysql_host: String,
    /// Port of the database server.
    #[arg(long, env = "MYSQL_PORT", default_value_t = 3306)]
    pub mysql_port: u16,
    /// Unix socket of the database server; it wins over host and port.
    #[arg(long, env = "MYSQL_SOCKET")]
    pub mysql_socket: Option<PathBuf>,
    /// Name of the database.
    #[arg(long, env = "MYSQL_DATABASE", default_value = "rollcall")]
    pub mysql_database: String,
    /// Account at the database server.
    #[arg(long, env = "MYSQL_USER", default_value = "rollcall")]
    pub mysql_user: String,
    /// Password of the account; or use `MYSQL_PASSWORD_FILE`.
    #[arg(long, env = "MYSQL_PASSWORD", hide_env_values = true)]
    pub mysql_password: Option<Secret>,
    /// File that holds the password of the account.
    #[arg(long, env = "MYSQL_PASSWORD_FILE")]
    pub mysql_password_file: Option<PathBuf>,
    /// When the connection is encrypted: `disabled`, `preferred` (where the server offers it), `required` (whoever
    /// answers is believed), `verify_ca`, `verify_identity`.
    #[arg(long, env = "MYSQL_TLS", default_value = "preferred")]
    pub mysql_tls: MySqlSslMode,
    /// Certificates (PEM) that a server certificate must come from; the system's when absent.
    #[arg(long, env = "MYSQL_TLS_CA")]
    pub mysql_tls_ca: Option<PathBuf>,
    /// Connections that the process keeps at most; at least 2.
    #[arg(long, env = "MYSQL_MAX_CONNECTIONS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..))]
    pub mysql_max_connections: u32,
}

impl DatabaseArgs {
    /// What is wrong with the arguments, in sentences.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.password().err().map(|error| format!("{error:#}")).into_iter().collect()
    }

    /// A pool that connects when it is first used, so that a service may start before its database. A connection to a
    /// server that takes no writes does not stay in it.
    pub fn lazy_pool(&self) -> anyhow::Result<MySqlPool> {
        let options = self.pool_options().after_release(|connection, _| Box::pin(takes_writes(connection)));
        Ok(options.connect_lazy_with(self.connect_options()?))
    }

    /// The same for who only reads, perhaps from a replica, which never takes writes.
    pub fn lazy_reading_pool(&self) -> anyhow::Result<MySqlPool> {
        let options =
            self.pool_options().after_release(|connection, _| Box::pin(end_what_is_open(connection)));
        Ok(options.connect_lazy_with(self.connect_options()?))
    }

    fn pool_options(&self) -> MySqlPoolOptions {
        MySqlPoolOptions::new()
            .max_connections(self.mysql_max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(|connection, _| Box::pin(async { connection.execute(LOCK_WAIT).await.map(drop) }))
    }

    fn connect_options(&self) -> anyhow::Result<MySqlConnectOptions> {
        let mut options = MySqlConnectOptions::new()
            .host(&self.mysql_host)
            .port(self.mysql_port)
            .database(&self.mysql_database)
            .username(&self.mysql_user)
            .ssl_mode(self.mysql_tls);
        if let Some(socket) = &self.mysql_socket {
            options = options.socket(socket);
        }
        if let Some(authority) = &self.mysql_tls_ca {
            options = options.ssl_ca(authority);
        }
        if let Some(password) = self.password()? {
            options = options.password(password.reveal());
        }
        Ok(options)
    }

    fn password(&self) -> anyhow::Result<Option<Secret>> {
        secret::value_or_file(
            "MYSQL_PASSWORD",
            self.mysql_password.as_ref(),
            self.mysql_password_file.as_ref(),
        )
    }
}

/// Whoever stops waiting leaves a statement under way, perhaps the very BEGIN of a transaction, of which sqlx then knows
/// nothing. Once the server has answered this, the connection is fit for others; one that does not answer is closed at
/// once and makes room for another.
async fn end_what_is_open(connection: &mut MySqlConnection) -> sqlx::Result<bool> {
    timeout(RELEASE_TIMEOUT, connection.execute("ROLLBACK")).await.map_err(io::Error::from)??;
    Ok(true)
}

/// Whether the server takes writes, after what was open on this connection is rolled back. One that was the primary before
/// a failover answers and takes none; a new connection finds the new primary.
pub async fn takes_writes(connection: &mut MySqlConnection) -> sqlx::Result<bool> {
    let asked = sqlx::raw_sql(END_AND_ASK).fetch_all(connection);
    let rows = timeout(RELEASE_TIMEOUT, asked).await.map_err(io::Error::from)??;
    rows.last().map_or(Ok(true), |row| row.try_get(0))
}
