//! Follows the place that tells where recognisers are.

mod dns;
mod kubernetes;

use std::{collections::BTreeSet, future::pending};

use super::source::{Address, RecognitionSource};

/// Tells `known` every change of the addresses; a list has none. Ends only with an error, where the place cannot be asked at all; what
/// may pass is waited out, and the addresses of before stay.
pub(super) async fn follow(source: &RecognitionSource, known: impl Fn(&BTreeSet<Address>)) -> anyhow::Error {
    match source {
        RecognitionSource::List(_) => pending().await,
        RecognitionSource::Dns(name) => match dns::follow(name, known).await {},
        RecognitionSource::Kubernetes { namespace, service, port_name } => {
            kubernetes::follow(namespace, service, port_name, known).await
        }
    }
}
