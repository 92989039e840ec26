//! The whole system as its users meet it: real MariaDB, nsqd, gRPC, weights and photos.

mod bad_pictures;
mod configuration;
mod configuration_page;
mod contract;
mod many_images;
mod pages;
mod parity;
mod rollcall;
mod samples;
mod stranger;
