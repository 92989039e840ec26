//! One of our own services as a child process: started, ready, stopped.

use std::{ffi::OsString, fs, net::SocketAddr, path::PathBuf, time::Duration};

use crate::{
    http,
    process::{Process, Recipe},
};

const START_BUDGET: Duration = Duration::from_secs(10);
const STOP_BUDGET: Duration = Duration::from_secs(25);

/// Where a service says which address it listens on.
#[derive(Debug, Clone)]
pub struct AddressFile {
    /// The option that names the file.
    pub option: &'static str,
    /// The file.
    pub path: PathBuf,
}

/// A service that listens.
#[derive(Debug)]
pub struct Service {
    process: Process,
    /// Of each address file, in the order given.
    pub addresses: Vec<SocketAddr>,
}

impl Service {
    /// Starts the service and waits until it listens.
    pub async fn start(mut recipe: Recipe, address_files: Vec<AddressFile>) -> anyhow::Result<Self> {
        for file in &address_files {
            // An address of the process before this one would be believed.
            let _was_not_there = fs::remove_file(&file.path);
            recipe.arguments.extend([OsString::from(file.option), file.path.clone().into()]);
        }
        let mut process = recipe.start()?;
        let mut addresses = Vec::new();
        for file in address_files {
            let address = process.wait_until("to listen", START_BUDGET, async || {
                let text = fs::read_to_string(&file.path).map_err(|error| error.to_string())?;
                text.parse::<SocketAddr>().map_err(|error| error.to_string())
            });
            addresses.push(address.await?);
        }
        Ok(Self { process, addresses })
    }

    /// Waits until `/readyz` at the given one of the service's addresses says yes.
    pub async fn wait_until_ready(&mut self, address: SocketAddr, budget: Duration) -> anyhow::Result<()> {
        let (http, url) = (http::client()?, format!("http://{address}/readyz"));
        let ready = self.process.wait_until("to be ready", budget, async || {
            let answer = http.get(&url).send().await.map_err(|error| error.to_string())?;
            if answer.status().is_success() { Ok(()) } else { Err(answer.text().await.unwrap_or_default()) }
        });
        ready.await
    }

    /// The child process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Stops the service as a platform would: SIGTERM and time to finish.
    pub async fn stop(self) -> anyhow::Result<()> {
        let name = self.process.recipe().name;
        let status = self.process.stop(STOP_BUDGET).await?;
        anyhow::ensure!(status.success(), "{name} ended with {status} when it was stopped");
        Ok(())
    }
}
