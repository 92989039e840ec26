//! Rollcall in containers, as its users meet it: real images in a real engine, a real swarm, a real cluster. Not part of
//! `make test`, because of the time and because not every machine has those.
//!
//! | module | run by | what |
//! |---|---|---|
//! | [`compose`] | `make test-compose` | `docker/compose.yaml` |
//! | [`swarm`] | `make test-swarm` | `docker/stack.yaml` |
//! | [`kubernetes`] | `make test-k8s` | `k8s/` |

mod client;
mod command;
mod compose;
mod kubernetes;
mod load;
mod looks;
mod pictures;
mod summary;
mod swarm;
mod visitor;
