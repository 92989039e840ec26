//! Every address that a name has, asked for again and again: the tasks of a compose or swarm service, the pods of a
//! headless Kubernetes service.

use std::{collections::BTreeSet, convert::Infallible, io, time::Duration};

use tokio::{
    net::lookup_host,
    time::{sleep, timeout},
};

use super::super::source::Address;

/// Between two questions. Below the time that platforms let their answers be kept (5 s in Kubernetes).
const PERIOD: Duration = Duration::from_secs(2);
/// Longer than the system's resolver takes for its first try (5 s, resolv.conf(5)).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(7);

/// A name that is not answered keeps the addresses that it had: nobody but the recognisers themselves can say that they
/// are gone.
pub(super) async fn follow(name: &Address, known: impl Fn(&BTreeSet<Address>)) -> Infallible {
    let mut answered = true;
    loop {
        match lookup(name).await {
            Ok(addresses) => {
                known(&addresses);
                answered = true;
            }
            Err(error) if answered => {
                tracing::warn!(%name, %error, "the recognisers' name is not answered");
                answered = false;
            }
            Err(error) => tracing::debug!(%name, %error, "the recognisers' name is still not answered"),
        }
        sleep(PERIOD).await;
    }
}

async fn lookup(name: &Address) -> io::Result<BTreeSet<Address>> {
    let answer = timeout(ANSWER_TIMEOUT, lookup_host(name.as_str())).await??;
    Ok(answer.map(Address::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_leads_to_its_addresses() {
        let name = "localhost:50051".parse().expect("an address");

        let addresses = lookup(&name).await.expect("every system knows this name");

        let loopback = "127.0.0.1:50051".parse().expect("an address");
        assert!(addresses.contains(&loopback), "{addresses:?}");
    }

    #[tokio::test]
    async fn a_name_that_nobody_has_is_an_error() {
        let name = "nobody.invalid:50051".parse().expect("an address");

        lookup(&name).await.expect_err("RFC 2606 keeps .invalid free");
    }
}
