//! Nets of addresses, written as `10.0.0.0/8` or `fd00::/8`. Pure.

use std::{fmt, net::IpAddr, str::FromStr};

/// The addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Net {
    first: IpAddr,
    prefix: u32,
}

impl Net {
    /// `None` where an address of this family has fewer bits.
    pub(super) const fn new(first: IpAddr, prefix: u32) -> Option<Self> {
        if prefix > width(first) { None } else { Some(Self { first, prefix }) }
    }

    /// One address alone.
    pub(super) const fn single(address: IpAddr) -> Self {
        Self { first: address, prefix: width(address) }
    }

    pub(super) fn contains(self, address: IpAddr) -> bool {
        let host_bits = width(self.first) - self.prefix;
        let net = |address| bits(address).checked_shr(host_bits).unwrap_or(0);
        self.first.is_ipv4() == address.is_ipv4() && net(self.first) == net(address)
    }
}

const fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl FromStr for Net {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = text.split_once('/').ok_or(())?;
        let (address, prefix) = (address.parse().map_err(drop)?, prefix.parse().map_err(drop)?);
        Self::new(address, prefix).ok_or(())
    }
}

impl fmt::Display for Net {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_net_holds_the_addresses_that_begin_like_it() {
        let table = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.4", false),
            ("0.0.0.0/0", "255.1.2.3", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "fe80::1", true),
            ("::/0", "127.0.0.1", false),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fc00::1", false),
        ];
        for (net, address, expected) in table {
            let parsed: Net = net.parse().expect("a net");
            assert_eq!(parsed.contains(address.parse().expect("an address")), expected, "{address} in {net}");
        }
    }

    #[test]
    fn what_is_no_net_is_refused() {
        for text in ["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0/8", "a/8", "10.0.0.0/-1", "/8", ""] {
            assert_eq!(text.parse::<Net>(), Err(()), "{text}");
        }
    }
}
