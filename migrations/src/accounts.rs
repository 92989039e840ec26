//! The accounts of the services at the database, and what each of them may do there: the least that its SQL needs.
//!
//! | module | what |
//! |---|---|
//! | [`folder`] | the passwords, a file for each account |
//! | [`credentials`] | an account and a password that SQL can hold |
//! | `making` | makes the accounts at the server |

pub mod credentials;
pub mod folder;
pub(crate) mod making;

pub use credentials::{Credentials, PasswordError};
pub use making::MakingError;

use Verb::{Delete, Insert, Select, Update};

/// A service that has an account, which has its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Takes pictures in.
    Receiver,
    /// Has them recognised.
    ImageProcessor,
    /// Shows them.
    Frontend,
}

/// What an account does with the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads them.
    Select,
    /// Adds some.
    Insert,
    /// Changes them; `SELECT ... FOR UPDATE` needs it too.
    Update,
    /// Removes them.
    Delete,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 4] = [Select, Insert, Update, Delete];

    /// The word in a GRANT.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Select => "SELECT",
            Insert => "INSERT",
            Update => "UPDATE",
            Delete => "DELETE",
        }
    }
}

impl Account {
    /// Every account.
    pub const ALL: [Self; 3] = [Self::Receiver, Self::ImageProcessor, Self::Frontend];

    /// The name at the server, and of the file that holds the password.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receiver => "receiver",
            Self::ImageProcessor => "image-processor",
            Self::Frontend => "frontend",
        }
    }

    /// The tables that the account may use, and how. A service reads `_sqlx_migrations` to see whether it is ready.
    #[must_use]
    pub const fn rights(self) -> &'static [(&'static str, &'static [Verb])] {
        match self {
            Self::Receiver => &[
                ("_sqlx_migrations", &[Select]),
                ("audit_entries", &[Select, Insert]),
                ("face_verdicts", &[Select, Insert, Update, Delete]),
                ("faces", &[Select, Update]),
                ("idempotency_keys", &[Select, Insert, Update, Delete]),
                ("images", &[Select, Insert, Update, Delete]),
                ("outbox", &[Select, Insert, Update, Delete]),
                ("person", &[Select, Insert, Update, Delete]),
                ("person_images", &[Select, Insert, Update, Delete]),
                ("person_merges", &[Select, Insert, Update]),
                ("redecisions", &[Select, Insert, Update]),
            ],
            Self::ImageProcessor => &[
                ("_sqlx_migrations", &[Select]),
                ("audit_entries", &[Insert]),
                ("duties", &[Select, Insert, Update]),
                ("face_verdicts", &[Select]),
                ("faces", &[Select, Insert, Update, Delete]),
                ("images", &[Select, Update]),
                ("outbox", &[Insert]),
                ("person", &[Select, Insert]),
                ("person_images", &[Select, Insert]),
                ("redecisions", &[Select, Insert, Update, Delete]),
            ],
            Self::Frontend => &[
                ("_sqlx_migrations", &[Select]),
                ("audit_entries", &[Select]),
                ("face_verdicts", &[Select]),
                ("faces", &[Select]),
                ("images", &[Select]),
                ("outbox", &[Select]),
                ("person", &[Select]),
                ("person_images", &[Select]),
                ("person_merges", &[Select]),
            ],
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.name() == name)
    }
}
