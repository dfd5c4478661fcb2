//! Who sent a request: the other end of the connection, or what a trusted proxy there says. What nobody may say is dropped.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};

const FORWARDED: &str = "x-forwarded-for";
/// How proxies say what they forward: for whom, by which name, to which host and path.
const OF_PROXIES: &[&str] =
    &["forwarded", "x-forwarded-", "x-real-ip", "x-original-", "x-rewrite-url", "true-client-ip"];
/// How they say which certificate the client has. Nothing here asks for one, so nobody may say so (RFC 9440 §4).
const OF_CERTIFICATES: &[&str] = &[
    "client-cert",
    "x-client-cert",
    "x-client-verify",
    "x-forwarded-client-cert",
    "x-forwarded-tls-client-cert",
    "x-ssl-",
    "ssl-client-",
    "x-amzn-mtls-",
    "x-arr-clientcert",
];

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

/// Who sent a request: see [`sender`]. What nobody may say is dropped from its headers: from whoever is no trusted proxy all that proxies
/// say, and what is said of client certificates from everybody.
pub(super) fn believe(peer: SocketAddr, headers: &mut HeaderMap, trusted: &[Network]) -> SocketAddr {
    let is_trusted = trusted.iter().any(|network| network.contains(peer.ip().to_canonical()));
    let sender = sender(peer, headers, trusted);
    let starts =
        |name: &HeaderName, starts: &[&str]| starts.iter().any(|start| name.as_str().starts_with(start));
    let is_refused = |name: &&HeaderName| {
        matches!(name.as_str().as_bytes().first(), Some(b'c' | b'f' | b's' | b't' | b'x'))
            && (starts(name, OF_CERTIFICATES) || (!is_trusted && starts(name, OF_PROXIES)))
    };
    let refused: Vec<HeaderName> = headers.keys().filter(is_refused).cloned().collect();
    for name in &refused {
        headers.remove(name);
    }
    sender
}

/// Who sent a request. `X-Forwarded-For` counts only when it comes from a trusted proxy, and then from its end, where proxies add
/// whom they heard it from: the last address that is not itself a trusted proxy. What stands before it, anybody can write.
fn sender(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> SocketAddr {
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
    fn as_24_what_proxies_say_is_dropped_unless_the_proxy_is_trusted_and_certificates_always() {
        let certificates = [
            "client-cert",
            "client-cert-chain",
            "x-client-cert",
            "x-ssl-client-verify",
            "x-forwarded-client-cert",
        ];
        let of_proxies = [
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-real-ip",
            "x-original-url",
        ];
        let ordinary = ["host", "authorization", "cookie", "x-request-id", "content-type", "x-formatted"];
        for (peer, believed) in [("10.1.2.3:5", true), ("192.0.2.1:5", false), ("[::ffff:10.1.2.3]:5", true)]
        {
            let mut headers = HeaderMap::new();
            for name in certificates.iter().chain(&of_proxies).chain(&ordinary) {
                headers.append(*name, "203.0.113.9".parse().unwrap());
                headers.append(*name, "203.0.113.10".parse().unwrap());
            }
            let trusted = ["10.0.0.0/8".parse().unwrap()];
            let sender = believe(peer.parse().unwrap(), &mut headers, &trusted);
            assert_eq!(sender.ip().to_string() == "203.0.113.10", believed, "{peer}");
            assert!(certificates.iter().all(|name| !headers.contains_key(*name)), "{peer}");
            assert!(of_proxies.iter().all(|name| headers.contains_key(*name) == believed), "{peer}");
            assert!(ordinary.iter().all(|name| headers.get_all(*name).iter().count() == 2), "{peer}");
        }
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
