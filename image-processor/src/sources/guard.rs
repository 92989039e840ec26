//! Which addresses a picture may be fetched from: those of the public internet, and no others. Whoever may post an address
//! would otherwise reach what lies beside us. Pure.
//!
//! The nets are those of the IANA registries of special-purpose addresses. An IPv6 address that stands for an IPv4 address
//! is judged by that one.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::net::Net;

/// Why nobody connects to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forbidden {
    /// Tells a machine in a cloud its credentials.
    Metadata,
    /// This very machine.
    Loopback,
    /// Somebody's own network.
    Private,
    /// The network of a provider behind its own translation.
    Shared,
    /// The next machines on the wire.
    LinkLocal,
    /// Many machines at once.
    Multicast,
    /// Nobody's: for examples and measurements.
    Documentation,
    /// Nobody's, or for a purpose of its own.
    Reserved,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Metadata => "the address of a cloud's metadata",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::Shared => "an address of a provider's own network",
            Self::LinkLocal => "a link-local address",
            Self::Multicast => "a multicast address",
            Self::Documentation => "an address for examples",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Whether pictures may be fetched from there; if not, why.
pub(super) fn judge(address: IpAddr) -> Result<(), Forbidden> {
    match address {
        IpAddr::V4(address) => judge_v4(address),
        IpAddr::V6(address) => judge_v6(address),
    }
}

fn judge_v4(address: Ipv4Addr) -> Result<(), Forbidden> {
    refuse(IpAddr::V4(address), &V4)
}

fn judge_v6(address: Ipv6Addr) -> Result<(), Forbidden> {
    refuse(IpAddr::V6(address), &V6)?;
    for inner in embedded(address) {
        judge_v4(inner)?;
    }
    // Everything that is given out lies in one net; beside it only what stands for IPv4 can be reached.
    let global = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3).contains(address.into());
    if global || embedded(address).next().is_some() { Ok(()) } else { Err(Forbidden::Reserved) }
}

fn refuse(address: IpAddr, nets: &[(Net, Forbidden)]) -> Result<(), Forbidden> {
    match nets.iter().find(|(net, _)| net.contains(address)) {
        Some((_, why)) => Err(*why),
        None => Ok(()),
    }
}

/// The IPv4 addresses that an IPv6 address leads to.
fn embedded(address: Ipv6Addr) -> impl Iterator<Item = Ipv4Addr> {
    let segments = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low));
    let [.., next_to_last, last] = segments;
    let found = match segments {
        // Compatible, mapped, translated and NAT64.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            [Some(join(next_to_last, last)), None]
        }
        // 6to4.
        [0x2002, high, low, ..] => [Some(join(high, low)), None],
        // Teredo: the server, and the client with each bit turned.
        [0x2001, 0, high, low, ..] => [Some(join(high, low)), Some(join(!next_to_last, !last))],
        _ => [None, None],
    };
    found.into_iter().flatten()
}

/// The first that holds an address gives the reason.
const V4: [(Net, Forbidden); 21] = [
    // Of AWS and most others, of Azure, of Oracle, of Alibaba.
    (v4([169, 254, 169, 254], 32), Forbidden::Metadata),
    (v4([168, 63, 129, 16], 32), Forbidden::Metadata),
    (v4([192, 0, 0, 192], 32), Forbidden::Metadata),
    (v4([100, 100, 100, 200], 32), Forbidden::Metadata),
    // Reaches this machine as well.
    (v4([0, 0, 0, 0], 8), Forbidden::Loopback),
    (v4([127, 0, 0, 0], 8), Forbidden::Loopback),
    (v4([10, 0, 0, 0], 8), Forbidden::Private),
    (v4([172, 16, 0, 0], 12), Forbidden::Private),
    (v4([192, 168, 0, 0], 16), Forbidden::Private),
    (v4([100, 64, 0, 0], 10), Forbidden::Shared),
    (v4([169, 254, 0, 0], 16), Forbidden::LinkLocal),
    (v4([224, 0, 0, 0], 4), Forbidden::Multicast),
    (v4([192, 0, 2, 0], 24), Forbidden::Documentation),
    (v4([198, 51, 100, 0], 24), Forbidden::Documentation),
    (v4([203, 0, 113, 0], 24), Forbidden::Documentation),
    (v4([198, 18, 0, 0], 15), Forbidden::Documentation),
    (v4([192, 0, 0, 0], 24), Forbidden::Reserved),
    (v4([192, 31, 196, 0], 24), Forbidden::Reserved),
    (v4([192, 52, 193, 0], 24), Forbidden::Reserved),
    (v4([192, 88, 99, 0], 24), Forbidden::Reserved),
    (v4([240, 0, 0, 0], 4), Forbidden::Reserved),
];

const V6: [(Net, Forbidden); 21] = [
    // Of AWS and of Google.
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128), Forbidden::Metadata),
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), Forbidden::Metadata),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 127), Forbidden::Loopback),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), Forbidden::Private),
    // Site-local, of old.
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), Forbidden::Private),
    // Translation inside of one network.
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), Forbidden::Private),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), Forbidden::LinkLocal),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), Forbidden::Multicast),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), Forbidden::Documentation),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), Forbidden::Documentation),
    (v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48), Forbidden::Documentation),
    // The rest of 2001::/23; its first /32 is Teredo.
    (v6([0x2001, 1, 0, 0, 0, 0, 0, 0], 32), Forbidden::Reserved),
    (v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 31), Forbidden::Reserved),
    (v6([0x2001, 4, 0, 0, 0, 0, 0, 0], 30), Forbidden::Reserved),
    (v6([0x2001, 8, 0, 0, 0, 0, 0, 0], 29), Forbidden::Reserved),
    (v6([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28), Forbidden::Reserved),
    (v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 27), Forbidden::Reserved),
    (v6([0x2001, 0x40, 0, 0, 0, 0, 0, 0], 26), Forbidden::Reserved),
    (v6([0x2001, 0x80, 0, 0, 0, 0, 0, 0], 25), Forbidden::Reserved),
    (v6([0x2001, 0x100, 0, 0, 0, 0, 0, 0], 24), Forbidden::Reserved),
    (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), Forbidden::Reserved),
];

const fn v4(octets: [u8; 4], prefix: u32) -> Net {
    Net::new(IpAddr::V4(Ipv4Addr::from_octets(octets)), prefix).expect("the prefix fits")
}

const fn v6(segments: [u16; 8], prefix: u32) -> Net {
    Net::new(IpAddr::V6(Ipv6Addr::from_segments(segments)), prefix).expect("the prefix fits")
}

#[cfg(test)]
mod tests;
