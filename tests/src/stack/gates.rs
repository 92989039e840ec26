//! Gates between the parts of a stack, one in each kind of connection.

use std::{collections::BTreeMap, fmt, net::SocketAddr};

use crate::gate::{Gate, Target};

/// A kind of connection, by who makes it and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// From clients to the first receiver.
    ClientToReceiver,
    /// From every receiver to the database.
    ReceiverToDatabase,
    /// From every receiver to nsqd.
    ReceiverToNsqd,
    /// From every worker to the database.
    WorkerToDatabase,
    /// From every worker to nsqd.
    WorkerToNsqd,
    /// From every worker to nsqlookupd.
    WorkerToNsqlookupd,
    /// From every worker to the recogniser.
    WorkerToRecogniser,
    /// From nsqd to nsqlookupd.
    NsqdToNsqlookupd,
}

impl Link {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::ClientToReceiver,
        Self::ReceiverToDatabase,
        Self::ReceiverToNsqd,
        Self::WorkerToDatabase,
        Self::WorkerToNsqd,
        Self::WorkerToNsqlookupd,
        Self::WorkerToRecogniser,
        Self::NsqdToNsqlookupd,
    ];
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ClientToReceiver => "client-to-receiver",
            Self::ReceiverToDatabase => "receiver-to-database",
            Self::ReceiverToNsqd => "receiver-to-nsqd",
            Self::WorkerToDatabase => "worker-to-database",
            Self::WorkerToNsqd => "worker-to-nsqd",
            Self::WorkerToNsqlookupd => "worker-to-nsqlookupd",
            Self::WorkerToRecogniser => "worker-to-recogniser",
            Self::NsqdToNsqlookupd => "nsqd-to-nsqlookupd",
        })
    }
}

/// The gates of a stack; a stack without any has none in its connections.
#[derive(Debug, Default)]
pub struct Gates(BTreeMap<Link, Gate>);

impl Gates {
    /// One of each kind.
    pub(super) async fn open() -> anyhow::Result<Self> {
        let mut gates = BTreeMap::new();
        for link in Link::ALL {
            gates.insert(link, Gate::open().await?);
        }
        Ok(Self(gates))
    }

    /// The gate of one kind.
    #[must_use]
    pub fn at(&self, link: Link) -> Option<&Gate> {
        self.0.get(&link)
    }

    /// Where this kind of connection is to be made, if not straight to its target.
    pub(super) fn instead(&self, link: Link, target: Target) -> Option<SocketAddr> {
        let gate = self.at(link)?;
        gate.lead_to(target);
        Some(gate.address())
    }

    /// Where this kind of connection is to be made to reach `address`.
    pub(super) fn before(&self, link: Link, address: SocketAddr) -> SocketAddr {
        self.instead(link, Target::Address(address)).unwrap_or(address)
    }
}
