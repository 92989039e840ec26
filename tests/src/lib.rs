//! How the whole system is started: the one piece of code that `make run` and the tests share.
//!
//! | module | what |
//! |---|---|
//! | [`stack`] | MariaDB, nsqlookupd, nsqd and the four services, as child processes in one folder |
//! | [`mariadb`] | a private database server |
//! | [`nsq`] | nsqlookupd and nsqd |
//! | [`service`] | one of our own services |
//! | [`process`] | a child process that never outlives us |
//! | [`log_file`] | what it has to say |
//! | [`installed`] | where programs and assets are |
//! | [`folder`] | a folder with everything in it |
//! | [`samples`] | known people and pictures to try |
//! | [`scripted_recogniser`] | a recogniser that shows a fault on demand |
//! | [`object_store`] | an object store that speaks S3 |
//! | [`scripted_web_server`] | a web server that does the same |
//! | [`http`] | asking our services |
//! | [`bench`] | measuring the pipeline |
//! | [`chaos`] | faults under load, and an audit of what became of every image |
//! | [`gate`] | connections that are cut or stand still |
//! | [`wait`] | waiting for a condition with a deadline |

pub mod bench;
pub mod chaos;
pub mod folder;
pub mod gate;
pub mod http;
pub mod installed;
pub mod log_file;
pub mod mariadb;
pub mod nsq;
pub mod object_store;
mod password_file;
mod port;
pub mod process;
pub mod samples;
pub mod scripted_recogniser;
pub mod scripted_web_server;
pub mod service;
pub mod stack;
pub mod wait;
