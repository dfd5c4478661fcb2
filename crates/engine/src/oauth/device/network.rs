use std::net::IpAddr;

use portcullis_types::counted_address;

/// What requests are counted for ([`counted_address`]). All whose address nobody says are counted together.
pub(super) fn network(ip: Option<IpAddr>) -> String {
    ip.map(|ip| counted_address(ip).to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_is_counted_by_network_and_ipv4_by_address() {
        let of = |text: &str| network(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_eq!(
            (of("::ffff:192.0.2.1"), of("192.0.2.1")),
            ("192.0.2.1".to_owned(), "192.0.2.1".to_owned())
        );
        assert_eq!(network(None), "");
    }
}
