//! One address at each edge of each net, and IPv4 in every dress.

use proptest::prelude::*;

use super::*;

fn judged(address: &str) -> Result<(), Forbidden> {
    judge(address.parse().expect("an address"))
}

#[test]
fn addresses_of_the_public_internet_are_allowed() {
    let public = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::200e",
        "::ffff:1.1.1.1",
        "::ffff:0:1.1.1.1",
        "64:ff9b::1.1.1.1",
        "2002:101:101::1",
    ];
    for address in public {
        assert_eq!(judged(address), Ok(()), "{address}");
    }
}

#[test]
fn every_other_address_is_forbidden_with_its_reason() {
    let table = [
        (Forbidden::Metadata, &["169.254.169.254", "168.63.129.16", "192.0.0.192", "100.100.100.200"][..]),
        (Forbidden::Metadata, &["fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254"]),
        (Forbidden::Loopback, &["0.0.0.0", "0.255.255.255", "127.0.0.1", "127.255.255.255", "::", "::1"]),
        (Forbidden::Private, &["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"]),
        (Forbidden::Private, &["192.168.0.0", "192.168.255.255", "fc00::", "fdff::1", "fec0::1"]),
        (Forbidden::Private, &["64:ff9b:1::1.1.1.1"]),
        (Forbidden::Shared, &["100.64.0.0", "100.127.255.255"]),
        (Forbidden::LinkLocal, &["169.254.0.0", "169.254.255.255", "fe80::1", "febf::1"]),
        (Forbidden::Multicast, &["224.0.0.0", "239.255.255.255", "ff02::1"]),
        (
            Forbidden::Documentation,
            &["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.0", "198.19.255.255"],
        ),
        (Forbidden::Documentation, &["2001:db8::1", "3fff::1", "2001:2::1"]),
        (Forbidden::Reserved, &["192.0.0.1", "192.88.99.1", "240.0.0.0", "255.255.255.255"]),
        (Forbidden::Reserved, &["2001:1::1", "2001:3::1", "2001:4::1", "2001:10::1", "2001:1ff::1"]),
        (Forbidden::Reserved, &["2001:8::1", "2001:20::1", "2001:40::1", "2001:80::1", "2001:100::1"]),
        (Forbidden::Reserved, &["100::1", "4000::1", "5f00::1", "1::1", "2620:4f:8000::1"]),
    ];
    for (why, addresses) in table {
        for address in addresses {
            assert_eq!(judged(address), Err(why), "{address}");
        }
    }
}

#[test]
fn an_ipv6_address_is_judged_by_the_ipv4_address_in_it() {
    let table = [
        ("::7f00:1", Forbidden::Loopback),
        ("::10.0.0.1", Forbidden::Private),
        ("::ffff:127.0.0.1", Forbidden::Loopback),
        ("::ffff:10.0.0.1", Forbidden::Private),
        ("::ffff:0.0.0.0", Forbidden::Loopback),
        ("::ffff:0:192.168.0.1", Forbidden::Private),
        ("64:ff9b::10.0.0.1", Forbidden::Private),
        ("64:ff9b::169.254.169.254", Forbidden::Metadata),
        ("2002:7f00:1::1", Forbidden::Loopback),
        ("2002:a9fe:a9fe::1", Forbidden::Metadata),
        // Teredo by its server 10.0.0.1, then by its client 127.0.0.1.
        ("2001:0:a00:1::feff:feff", Forbidden::Private),
        ("2001:0:101:101::80ff:fffe", Forbidden::Loopback),
    ];
    for (address, why) in table {
        assert_eq!(judged(address), Err(why), "{address}");
    }
}

proptest! {
    #[test]
    fn no_dress_makes_a_forbidden_ipv4_address_allowed(bits: u32) {
        let plain = Ipv4Addr::from_bits(bits);
        let inner = u128::from(bits);
        let dresses = [
            inner,
            (0xffff << 32) | inner,
            (0xffff << 48) | inner,
            (0x0064_ff9b_u128 << 96) | inner,
            (0x2002_u128 << 112) | (inner << 80),
        ];
        for dress in dresses {
            let dressed = judge(Ipv6Addr::from_bits(dress).into());
            prop_assert_eq!(dressed.is_ok(), judge(plain.into()).is_ok(), "{}", Ipv6Addr::from_bits(dress));
        }
    }
}
