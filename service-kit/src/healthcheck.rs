//! `SERVICE healthcheck`: asks the service that runs beside it, in the same container, how it is. For platforms that
//! judge a container by a command; the images hold no curl.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context;
use clap::Args;

/// Longer than the service gives any of its own checks.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// The arguments of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Healthcheck {
    /// Ask whether it is ready for work, and not only alive. Not for platforms that replace what does not pass: a
    /// service is not ready while its database is away, and another one would not be either.
    #[arg(long)]
    pub ready: bool,
}

impl Healthcheck {
    /// Asks the service that listens on `address`. The error says what it answered.
    pub async fn run(self, address: SocketAddr) -> anyhow::Result<()> {
        let route = if self.ready { "readyz" } else { "livez" };
        let url = format!("http://{}/{route}", from_inside(address));
        let client = reqwest::Client::builder().no_proxy().timeout(ANSWER_TIMEOUT).build()?;
        let answer = client.get(&url).send().await.with_context(|| format!("{url} does not answer"))?;
        let status = answer.status();
        anyhow::ensure!(status.is_success(), "{url} answers {status}: {}", answer.text().await?);
        Ok(())
    }
}

/// A service that listens on every address is asked at the loopback one.
fn from_inside(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::StatusCode, routing::get};
    use tokio::net::TcpListener;

    use super::*;

    async fn service(ready: StatusCode) -> SocketAddr {
        let listener = TcpListener::bind("0.0.0.0:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/livez", get(async || "alive"))
            .route("/readyz", get(async move || (ready, "the database is away")));
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    #[tokio::test]
    async fn a_service_that_is_ready_passes_both_checks() {
        let address = service(StatusCode::OK).await;

        for ready in [false, true] {
            Healthcheck { ready }.run(address).await.expect("it passes");
        }
    }

    #[tokio::test]
    async fn a_service_that_is_not_ready_is_alive_and_says_why() {
        let address = service(StatusCode::SERVICE_UNAVAILABLE).await;

        Healthcheck { ready: false }.run(address).await.expect("it is alive");
        let refused = Healthcheck { ready: true }.run(address).await;

        let error = refused.expect_err("it is not ready").to_string();
        assert!(error.contains("503") && error.contains("the database is away"), "{error}");
    }

    #[tokio::test]
    async fn nobody_at_the_port_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(listener);

        let refused = Healthcheck { ready: false }.run(address).await;

        assert!(refused.expect_err("nobody is there").to_string().contains("does not answer"));
    }
}
