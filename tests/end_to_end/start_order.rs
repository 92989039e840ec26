//! Each service may start first: without what it depends on it is alive, says what it waits for and what to do, and once
//! that has come it works, without being started again.
//!
//! | file | what is not there yet |
//! |---|---|
//! | `database` | MariaDB, its accounts, its schema; or it hangs |
//! | `names` | a host name that nobody answers |
//! | `folders` | the pictures and the known people |
//! | `backwards` | everything, and then one after the other in the wrong order |

mod backwards;
mod database;
mod folders;
mod lone;
mod names;
