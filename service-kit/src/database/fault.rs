//! What an error of the database means for whoever asked. Pure; the one place where its numbers are known.
//!
//! The numbers are those of MySQL 8 and MariaDB ("Server Error Message Reference" of each).

use sqlx::mysql::MySqlDatabaseError;

/// Why a statement was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseFault {
    /// Another transaction came first: the same one, done again, sees what that one did.
    LostRace,
    /// A row stayed locked by somebody else for as long as the server lets a statement wait.
    LockedRow,
    /// It takes no writes: after a failover this connection may lead to the server that was the primary before. The pool
    /// closes such connections, so that the next try finds the new one.
    ReadOnly,
    /// The server is away, goes away or is full.
    Away,
    /// The database, its schema or our account is not there, or not yet: `migrate` makes them.
    Unprepared,
    /// The same statement fails each time.
    Permanent,
}

impl DatabaseFault {
    /// What this error means.
    #[must_use]
    pub fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) if error.is_unique_violation() => Self::LostRace,
            sqlx::Error::Database(error) => error
                .try_downcast_ref::<MySqlDatabaseError>()
                .map_or(Self::Permanent, |error| Self::of_number(error.number())),
            // A protocol error is a connection that broke in the middle of an answer.
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Away,
            _ => Self::Permanent,
        }
    }

    /// What the server means by this number.
    const fn of_number(number: u16) -> Self {
        match number {
            // A row changed since it was read, a duplicate, a deadlock, a duplicate by foreign key; a commit that met another
            // one on a second server of a group.
            1020 | 1062 | 1213 | 1586 | 3101 => Self::LostRace,
            1205 => Self::LockedRow,
            // `--read-only`, a read-only transaction, read-only mode, InnoDB in read-only mode.
            1290 | 1792 | 1836 | 1874 => Self::ReadOnly,
            // Full: disk, memory, table, connections of the server, of the account, of the host.
            1021 | 1037 | 1038 | 1040 | 1041 | 1114 | 1135 | 1203 | 1226
            // Going: it shuts down or goes offline, somebody ended the connection or the statement, or nobody used it for long.
            | 1053 | 1077 | 1079 | 1152 | 1184 | 1317 | 1927 | 3032 | 3169 | 4031
            // Broken on the way.
            | 1042 | 1043 | 1153 | 1158..=1161
            // A node of a cluster that is not ready, or whose commit met a change of its members.
            | 1047 | 1180 | 3100
            // A statement took longer than the server lets it.
            | 1969 | 3024 => Self::Away,
            // Access denied to the server, the database, a table, a column; from this host; no such database or table.
            1044 | 1045 | 1049 | 1130 | 1142 | 1143 | 1146 | 1698 => Self::Unprepared,
            _ => Self::Permanent,
        }
    }

    /// Whether it may be different in a while, without anybody changing what is asked.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        !matches!(self, Self::Permanent)
    }

    /// Whether one request of a group may have spoiled it for the others. A server that is away is nobody's fault.
    #[must_use]
    pub const fn may_be_of_one_request(self) -> bool {
        matches!(self, Self::LostRace | Self::LockedRow | Self::Permanent)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{DatabaseFault::*, *};

    #[test]
    fn the_numbers_of_the_server_mean_what_follows_from_them() {
        let table: [(DatabaseFault, &[u16]); 6] = [
            (LostRace, &[1020, 1062, 1213, 3101]),
            (LockedRow, &[1205]),
            (ReadOnly, &[1290, 1792, 1836, 1874]),
            (Away, &[1021, 1040, 1047, 1053, 1114, 1203, 1226, 1317, 1927, 1969, 3024, 3032, 3100, 4031]),
            (Unprepared, &[1044, 1045, 1049, 1142, 1146]),
            // No such column, a value that is too long, a syntax error, a missing row of another table.
            (Permanent, &[1054, 1064, 1406, 1452, 0, u16::MAX]),
        ];
        for (fault, numbers) in table {
            for number in numbers {
                assert_eq!(DatabaseFault::of_number(*number), fault, "{number}");
            }
        }
    }

    #[test]
    fn a_connection_that_cannot_be_had_or_breaks_is_a_server_that_is_away() {
        let errors = [
            sqlx::Error::Io(io::ErrorKind::ConnectionReset.into()),
            sqlx::Error::Protocol("half an answer".to_owned()),
            sqlx::Error::PoolTimedOut,
            sqlx::Error::PoolClosed,
        ];
        for error in errors {
            assert_eq!(DatabaseFault::of(&error), Away, "{error}");
        }
        for error in [sqlx::Error::RowNotFound, sqlx::Error::ColumnNotFound("path".to_owned())] {
            assert_eq!(DatabaseFault::of(&error), Permanent, "{error}");
        }
    }

    #[test]
    fn only_what_one_request_can_cause_is_blamed_on_one() {
        let blamed = [LostRace, LockedRow, ReadOnly, Away, Unprepared, Permanent]
            .map(|fault| (fault, fault.may_be_of_one_request(), fault.is_transient()));
        assert_eq!(
            blamed,
            [
                (LostRace, true, true),
                (LockedRow, true, true),
                (ReadOnly, false, true),
                (Away, false, true),
                (Unprepared, false, true),
                (Permanent, true, false),
            ]
        );
    }
}
