use std::net::{IpAddr, Ipv6Addr};

/// What requests of an address are counted under: an IPv4 address itself, of an IPv6 address the first of its network of 2^64, the
/// least that anybody is given. An IPv4 address inside IPv6 (RFC 4291 §2.5.5.2) is the same one.
pub fn counted_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_is_counted_by_network_and_ipv4_by_address() {
        let of = |text: &str| counted_address(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:0:1:ffff::2"), "2001:db8:0:1::");
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_eq!(
            (of("::ffff:192.0.2.1"), of("192.0.2.1")),
            ("192.0.2.1".to_owned(), "192.0.2.1".to_owned())
        );
    }
}
