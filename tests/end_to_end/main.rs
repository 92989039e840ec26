//! The whole system as its users meet it: real MariaDB, nsqd, gRPC, weights and photos.

mod bad_pictures;
mod browser;
mod browsing;
mod configuration;
mod configuration_page;
mod container_files;
mod contract;
mod database_lost;
mod drain;
mod faulty_configuration;
mod manifests;
mod many_images;
mod messages;
mod pages;
mod parity;
mod queue_lost;
mod recogniser_lost;
mod redeem;
mod rollcall;
mod samples;
mod stranger;
mod table;
mod worker_lost;
mod worker_stopped;
