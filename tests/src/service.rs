//! One of our own services as a child process: started, ready, stopped or killed, started again.

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
    /// The environment variable that asks for an address.
    pub variable: &'static str,
    /// The file.
    pub path: PathBuf,
}

/// A service that listens.
#[derive(Debug)]
pub struct Service {
    process: Process,
    /// Of each address file, in the order given: one at least. The last is the one of health and metrics.
    pub addresses: Vec<SocketAddr>,
    address_files: Vec<AddressFile>,
}

impl Service {
    /// Starts the service and waits until it listens.
    pub async fn start(mut recipe: Recipe, address_files: Vec<AddressFile>) -> anyhow::Result<Self> {
        for file in &address_files {
            recipe.arguments.extend([OsString::from(file.option), file.path.clone().into()]);
        }
        let (process, addresses) = start_listening(&recipe, &address_files).await?;
        Ok(Self { process, addresses, address_files })
    }

    /// Starts it after it was stopped or killed, on the addresses that it had, and waits until it listens.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let mut recipe = self.process.recipe().clone();
        anyhow::ensure!(self.process.is_down(), "{} runs", recipe.name);
        let variables = self.address_files.iter().map(|file| file.variable);
        let addresses = self.addresses.iter().map(|address| address.to_string().into());
        recipe.environment.extend(variables.zip(addresses));
        (self.process, self.addresses) = start_listening(&recipe, &self.address_files).await?;
        Ok(())
    }

    /// Where its health and metrics are.
    #[must_use]
    pub fn admin_url(&self, route: &str) -> String {
        let address = self.addresses[self.addresses.len() - 1];
        format!("http://{address}{route}")
    }

    /// Waits until `/readyz` says yes.
    pub async fn wait_until_ready(&mut self, budget: Duration) -> anyhow::Result<()> {
        let (http, url) = (http::client()?, self.admin_url("/readyz"));
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

    /// Stops the service as a platform would: SIGTERM and time to finish. One that is down stays so.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if self.process.is_down() {
            return Ok(());
        }
        let status = self.process.stop(STOP_BUDGET).await?;
        if status.success() { Ok(()) } else { Err(self.process.ended(status)) }
    }
}

async fn start_listening(
    recipe: &Recipe,
    address_files: &[AddressFile],
) -> anyhow::Result<(Process, Vec<SocketAddr>)> {
    for file in address_files {
        // An address of the process before this one would be believed.
        let _was_not_there = fs::remove_file(&file.path);
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
    process.listens_at(&addresses);
    Ok((process, addresses))
}
