//! Who sent a request: the other end of the connection, or what a trusted proxy there says.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;

const FORWARDED: &str = "x-forwarded-for";

/// Addresses that have their first bits in common: `ADDRESS/BITS`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "an address such as 10.0.0.7, or a network such as 10.0.0.0/8";
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_not_one| EXPECTED)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most).ok_or(EXPECTED)?,
            None => most,
        };
        Ok(Self { address, bits })
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differ = u32::from(network) ^ u32::from(address);
                differ.leading_zeros() >= self.bits
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differ = u128::from(network) ^ u128::from(address);
                differ.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// Who sent a request. `X-Forwarded-For` counts only when it comes from a trusted proxy, and then from its end, where proxies add
/// whom they heard it from: the last address that is not itself a trusted proxy. What stands before it, anybody can write.
pub(super) fn sender(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> SocketAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut sender = SocketAddr::new(peer.ip().to_canonical(), peer.port());
    if !is_trusted(sender.ip()) {
        return peer;
    }
    for line in headers.get_all(FORWARDED).iter().rev() {
        let Ok(line) = line.to_str() else { return sender };
        for hop in line.rsplit(',') {
            let Some(address) = read(hop.trim()) else { return sender };
            sender = SocketAddr::new(address, 0);
            if !is_trusted(address) {
                return sender;
            }
        }
    }
    sender
}

/// An address, as proxies write it: with or without a port.
fn read(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        sender(peer.parse().unwrap(), &headers, &trusted).ip().to_string()
    }

    #[test]
    fn nobody_can_say_that_they_are_somebody_else() {
        assert_eq!(from("192.0.2.1:5", &["198.51.100.1"], &[]), "192.0.2.1");
        assert_eq!(from("192.0.2.1:5", &["198.51.100.1"], &["10.0.0.0/8"]), "192.0.2.1");
        // What the client wrote stands before what the proxy added.
        assert_eq!(from("10.1.2.3:5", &["127.0.0.1, 198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(from("10.1.2.3:5", &["127.0.0.1", "198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed_to_its_end() {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"];
        assert_eq!(
            from("10.1.2.3:5", &["198.51.100.1, 10.9.9.9, [2001:db8::7]:443"], &trusted),
            "198.51.100.1"
        );
        assert_eq!(from("[::ffff:10.1.2.3]:5", &["198.51.100.1:4711"], &trusted), "198.51.100.1");
        assert_eq!(from("10.1.2.3:5", &["10.9.9.9"], &trusted), "10.9.9.9");
        assert_eq!(from("10.1.2.3:5", &[], &trusted), "10.1.2.3");
        assert_eq!(from("10.1.2.3:5", &["198.51.100.1, unknown"], &trusted), "10.1.2.3");
    }

    #[test]
    fn networks_have_an_address_and_bits() {
        for good in ["0.0.0.0/0", "10.0.0.7", "::1", "2001:db8::/32"] {
            good.parse::<Network>().unwrap();
        }
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0.0/x", "proxy.example.org"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
