//! An object store that speaks S3: moto, the one that many projects test with. It keeps everything in memory.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context;

use crate::{
    http,
    installed::Installed,
    process::{Process, Recipe},
};

/// Python reads some hundred files first.
const START_BUDGET: Duration = Duration::from_mins(1);
const STOP_BUDGET: Duration = Duration::from_secs(20);

/// A store on a loopback port. Whoever has any key may read.
#[derive(Debug)]
pub struct ObjectStore {
    process: Process,
    address: SocketAddr,
}

impl ObjectStore {
    /// Starts an empty store, with its log in `folder`.
    pub async fn start(installed: &Installed, folder: &Path) -> anyhow::Result<Self> {
        let recipe = Recipe {
            name: "moto".to_owned(),
            program: installed.moto_server()?,
            arguments: ["-H", "127.0.0.1", "-p", "0"].map(Into::into).to_vec(),
            inherits: true,
            environment: Vec::new(),
            folder: folder.to_owned(),
            logs: folder.to_owned(),
        };
        let mut process = recipe.start()?;
        let log = process.log().clone();
        let said = process.wait_until("to say its port", START_BUDGET, async || {
            let said = log.text().unwrap_or_default();
            address(&said).ok_or_else(|| format!("{said:?}"))
        });
        let address = said.await?;
        process.listens_at(&[address]);
        Ok(Self { process, address })
    }

    /// Where it listens, as clients want it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts an object there, and its bucket.
    pub async fn put(&self, bucket: &str, key: &str, body: Vec<u8>) -> anyhow::Result<()> {
        let client = http::client()?;
        let bucket = format!("{}/{bucket}", self.url());
        client.put(&bucket).send().await?.error_for_status().context("the bucket is not made")?;
        client.put(format!("{bucket}/{key}")).body(body).send().await?.error_for_status()?;
        Ok(())
    }

    /// Stops it; what it held is gone.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.process.stop(STOP_BUDGET).await.map(drop)
    }
}

fn address(log: &str) -> Option<SocketAddr> {
    let (_, behind) = log.split_once("Running on http://")?;
    behind.split_whitespace().next()?.parse().ok()
}
