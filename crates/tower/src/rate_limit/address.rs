use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use portcullis_types::counted_address;

/// Who sent a request, as an extension of it: the other end of its connection, or what a proxy that is trusted says of it.
///
/// Whatever accepts connections inserts it. On a router that is served with axum's
/// `into_make_service_with_connect_info::<SocketAddr>()`, that is taken instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

impl PeerAddress {
    /// The address that came with a request; `None` when nothing inserted one.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let connected = || extensions.get().map(|ConnectInfo(address)| Self(*address));
        extensions.get().copied().or_else(connected)
    }
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// One IPv4 address, or one IPv6 network ([`counted_address`]).
    Address(IpAddr),
    /// Everybody who has no address, or for whom there is no place of their own.
    Shared,
}

impl Key {
    pub(super) fn of(address: Option<IpAddr>) -> Self {
        address.map_or(Self::Shared, |address| Self::Address(counted_address(address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::of(Some(text.parse().unwrap()))
    }

    #[test]
    fn ipv6_is_counted_by_network_and_ipv4_by_address() {
        assert_eq!(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff::2"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("::1"), Key::Shared);
    }

    #[test]
    fn the_listener_s_word_counts_before_axum_s() {
        let (one, other): (SocketAddr, SocketAddr) =
            ("192.0.2.1:1".parse().unwrap(), "192.0.2.2:2".parse().unwrap());
        let mut extensions = Extensions::new();
        assert_eq!(PeerAddress::of(&extensions), None);
        extensions.insert(ConnectInfo(one));
        assert_eq!(PeerAddress::of(&extensions), Some(PeerAddress(one)));
        extensions.insert(PeerAddress(other));
        assert_eq!(PeerAddress::of(&extensions), Some(PeerAddress(other)));
    }
}
