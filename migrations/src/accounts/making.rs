//! Makes the accounts at the server, and makes them again where they are: password and rights are then as they should
//! be. Rights are added and never taken, because the version before may run beside this one.

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection,
    mysql::{MySqlConnectOptions, MySqlDatabaseError},
};
use thiserror::Error;

use super::Credentials;

/// Error numbers of a statement that needs rights which the account does not have: on a database, on a table, on the
/// server, and to make an account by a GRANT.
const DENIED: [u16; 4] = [1044, 1142, 1227, 1410];

/// Why the accounts could not be made. Those before the one that failed are made.
#[derive(Debug, Error)]
pub enum MakingError {
    /// Our own account is no administrator.
    #[error(
        "the account of MYSQL_USER may not make accounts: give it CREATE USER on *.* and the rights of the services \
         WITH GRANT OPTION, or use another one, root for instance (the server says: {0})"
    )]
    Denied(sqlx::Error),
    /// The database is away or refuses.
    #[error("the accounts cannot be made: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for MakingError {
    fn from(error: sqlx::Error) -> Self {
        let number = error
            .as_database_error()
            .and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>())
            .map(MySqlDatabaseError::number);
        if number.is_some_and(|number| DENIED.contains(&number)) {
            Self::Denied(error)
        } else {
            Self::Database(error)
        }
    }
}

/// Makes accounts that may use the tables of the database that `options` names.
///
/// On a connection of its own, of which no statement is logged: a password stands in some of them.
pub(crate) async fn make(options: &MySqlConnectOptions, accounts: &[Credentials]) -> Result<(), MakingError> {
    let mut connection = options.clone().disable_statement_logging().connect().await?;
    for credentials in accounts {
        for statement in statements(credentials) {
            // Names are ours, and no password holds a character that ends a string.
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        tracing::info!(account = credentials.account().name(), "the account has its password and its rights");
    }
    Ok(connection.close().await?)
}

/// They can be run again.
fn statements(credentials: &Credentials) -> Vec<String> {
    let account = credentials.account();
    let (user, password) = (format!("'{}'@'%'", account.name()), credentials.password().reveal());
    let grants = account.rights().iter().map(|(table, verbs)| {
        let verbs = verbs.iter().map(|verb| verb.word()).collect::<Vec<_>>().join(", ");
        format!("GRANT {verbs} ON {table} TO {user}")
    });
    let mut statements = vec![
        format!("CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{password}'"),
        // An account that was there has its old password.
        format!("ALTER USER {user} IDENTIFIED BY '{password}'"),
    ];
    statements.extend(grants);
    statements
}
