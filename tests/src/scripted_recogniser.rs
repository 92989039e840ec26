//! A recogniser that does what a test wrote down: faults that a real one does not show when asked to, and answers
//! that cost no time. It speaks the whole contract, keeps what it was asked, and can go away and come back.

mod answers;
mod asked;
mod script;
mod services;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context;
use proto::{
    gallery_server::GalleryServer, health_check_server::HealthCheckServer, identify_server::IdentifyServer,
    recognition_server::RecognitionServer,
};
use tokio::{net::TcpSocket, runtime::Runtime, sync::watch};
use tonic::transport::{Server, Uri, server::TcpIncoming};

pub use answers::{no_face, one_face};
pub use asked::Asked;
pub use script::{Match, Recognize, Script};

use crate::port;
use asked::Calls;
use services::Services;

/// Connections that wait to be accepted at most.
const BACKLOG: u32 = 1024;
/// How long the threads may take to end. Nothing in the server blocks one.
const END_BUDGET: Duration = Duration::from_secs(10);

/// A server on a loopback port; it ends when it is dropped.
#[derive(Debug)]
pub struct ScriptedRecogniser {
    address: SocketAddr,
    uri: Uri,
    /// Keeps the port while nobody listens there.
    _port: TcpSocket,
    script: watch::Sender<Script>,
    calls: Arc<Mutex<Calls>>,
    /// A runtime of its own: ending it drops every connection at once, as the end of a process does.
    serving: Option<Runtime>,
}

impl ScriptedRecogniser {
    /// Starts a server that keeps to the script.
    pub fn start(script: Script) -> anyhow::Result<Self> {
        let port = port::hold((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = port.local_addr()?;
        let mut recogniser = Self {
            address,
            uri: format!("http://{address}").parse()?,
            _port: port,
            script: watch::Sender::new(script),
            calls: Arc::default(),
            serving: None,
        };
        recogniser.come_back()?;
        Ok(recogniser)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as clients want it, `http://host:port`.
    #[must_use]
    pub fn uri(&self) -> Uri {
        self.uri.clone()
    }

    /// Turns the knobs. What hangs is answered as soon as the script has an answer.
    pub fn change(&self, change: impl FnOnce(&mut Script)) {
        self.script.send_modify(change);
    }

    /// What it was asked since it was started, also before it went away.
    #[must_use]
    pub fn asked(&self) -> Asked {
        asked::lock(&self.calls).asked.clone()
    }

    /// Calls of `HealthCheck`.
    #[must_use]
    pub fn pings(&self) -> usize {
        asked::lock(&self.calls).pings
    }

    /// How often it was asked about the picture that ends it.
    #[must_use]
    pub fn deaths(&self) -> usize {
        asked::lock(&self.calls).deaths
    }

    /// Calls of `Recognize` that wait for their answer now.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        asked::lock(&self.calls).in_flight
    }

    /// The most calls of `Recognize` that waited at one time.
    #[must_use]
    pub fn most_in_flight(&self) -> usize {
        asked::lock(&self.calls).most_in_flight
    }

    /// Goes away as a process that was killed: all connections are lost, new ones are refused.
    pub async fn go_away(&mut self) -> anyhow::Result<()> {
        let serving = self.serving.take().context("the recogniser is away already")?;
        tokio::task::spawn_blocking(move || serving.shutdown_timeout(END_BUDGET)).await?;
        Ok(())
    }

    /// Listens again on the same port.
    pub fn come_back(&mut self) -> anyhow::Result<()> {
        anyhow::ensure!(self.serving.is_none(), "the recogniser is there already");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("scripted-recogniser")
            .enable_all()
            .build()?;
        let services = Arc::new(Services::new(self.script.clone(), Arc::clone(&self.calls)));
        let server = Server::builder()
            .add_service(RecognitionServer::from_arc(Arc::clone(&services)))
            .add_service(IdentifyServer::from_arc(Arc::clone(&services)))
            .add_service(HealthCheckServer::from_arc(Arc::clone(&services)))
            .add_service(GalleryServer::from_arc(services));
        let incoming = {
            let _registers_there = runtime.enter();
            TcpIncoming::from(port::hold(self.address)?.listen(BACKLOG)?).with_nodelay(Some(true))
        };
        runtime.spawn(server.serve_with_incoming(incoming));
        self.serving = Some(runtime);
        Ok(())
    }
}

impl Drop for ScriptedRecogniser {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.take() {
            // Waiting for other threads is not allowed on a test's own.
            serving.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests;
