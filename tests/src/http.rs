//! Asking our services over HTTP.

use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

/// A client that goes straight to this machine, whatever proxy the environment names, and never waits for ever.
pub fn client() -> anyhow::Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?)
}
