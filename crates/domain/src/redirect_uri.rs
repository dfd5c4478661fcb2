//! Where a browser may be sent: which URIs can be registered, and which presented one is a registered one (RFC 6749 §3.1.2, RFC 8252
//! §7 and §8.4, RFC 9700 §2.1 and §4.1).

use portcullis_types::FieldError;

/// The longest URI that can be registered.
const MAX_LEN: usize = 2048;

/// Whose port may differ from the registered one. Of a presented URI everything else is compared byte for byte, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyPort {
    /// Nobody's.
    Never,
    /// Of `http` on `127.0.0.1` and `[::1]`: a native application listens on a port that the system chose (RFC 8252 §7.3).
    OnLoopbackIp,
    /// Of `http` on `localhost` too, which RFC 8252 §8.3 advises against.
    OnLocalhostToo,
}

/// Whether `presented` is the `registered` URI. Neither is normalised: another spelling of the same address is another URI.
pub fn redirect_uri_matches(registered: &str, presented: &str, any_port: AnyPort) -> bool {
    let hosts: &[&str] = match any_port {
        AnyPort::Never => &[],
        AnyPort::OnLoopbackIp => &["127.0.0.1", "[::1]"],
        AnyPort::OnLocalhostToo => &["127.0.0.1", "[::1]", "localhost"],
    };
    registered == presented
        || hosts.iter().any(|host| {
            let rest = without_port(registered, host);
            rest.is_some() && rest == without_port(presented, host)
        })
}

/// What follows the port, if the URI is `http` on this very host with a port or without one.
fn without_port<'a>(uri: &'a str, host: &str) -> Option<&'a str> {
    let rest = uri.strip_prefix("http://")?.strip_prefix(host)?;
    let rest = match rest.strip_prefix(':') {
        Some(after) => {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let (port, rest) = after.split_at_checked(digits)?;
            is_port(port).then_some(rest)?
        }
        None => rest,
    };
    // Anything else would make it another host (`127.0.0.1.example`) or user information (`127.0.0.1:80@example`).
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
}

/// Checks that a URI can be registered: `https`; `http` on `127.0.0.1`, `[::1]` or `localhost`; and with `private_use` (for native
/// applications) a scheme in reverse-DNS form (RFC 8252 §7.1). No wildcard, no fragment, no user information, nothing that a URI
/// cannot hold (RFC 3986), up to 2,048 characters, scheme and host in lower case.
///
/// # Errors
/// [`FieldError`] for `field`.
pub fn check_redirect_uri(field: &str, uri: &str, private_use: bool) -> Result<(), FieldError> {
    let refused = |expected: &str| Err(FieldError::new(field, expected));
    if uri.is_empty() || uri.len() > MAX_LEN {
        return refused("1 to 2048 characters");
    }
    if uri.contains('*') {
        return refused("a URI without a wildcard");
    }
    if uri.contains('#') {
        return refused("a URI without a fragment");
    }
    if !is_uri_text(uri) {
        return refused("a URI as RFC 3986 has it: other characters are percent-encoded");
    }
    let Some((scheme, rest)) = uri.split_once(':') else { return refused(ABSOLUTE) };
    match scheme {
        "https" | "http" => {
            let Some(rest) = rest.strip_prefix("//") else { return refused(ABSOLUTE) };
            let host = check_authority(field, authority(rest))?;
            if scheme == "http" && !is_loopback(host) {
                return refused("https: http is for 127.0.0.1, [::1] and localhost only");
            }
            Ok(())
        }
        _ if !private_use => refused(ABSOLUTE),
        _ if !is_reverse_dns(scheme) => refused(
            "https, http on a loopback address, or a scheme in reverse-DNS form (com.example.app:/callback)",
        ),
        _ if !rest.starts_with('/') => refused("a path after the scheme (com.example.app:/callback)"),
        _ if authority_of_private(rest).contains('@') => refused("a URI without user information"),
        _ => Ok(()),
    }
}

const ABSOLUTE: &str = "an absolute URI: https, or http on a loopback address";

fn authority(after_slashes: &str) -> &str {
    after_slashes.split(['/', '?']).next().unwrap_or_default()
}

fn authority_of_private(rest: &str) -> &str {
    rest.strip_prefix("//").map_or("", authority)
}

/// Checks host and port, and gives the host.
fn check_authority<'a>(field: &str, authority: &'a str) -> Result<&'a str, FieldError> {
    let refused = |expected: &str| Err(FieldError::new(field, expected));
    if authority.contains('@') {
        return refused("a URI without user information");
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((inner, port)) => {
            if inner.parse::<std::net::Ipv6Addr>().is_err() {
                return refused("an IPv6 address between the brackets");
            }
            (authority.get(..inner.len() + 2).unwrap_or_default(), port)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            if !is_host_name(host) {
                return refused("a host name in lower case, or an IP address");
            }
            (host, port)
        }
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(host),
        Some(digits) if is_port(digits) => Ok(host),
        _ => refused("a port from 1 to 65535, or none"),
    }
}

fn is_port(digits: &str) -> bool {
    // A sign would be read as a part of the number.
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]" | "localhost")
}

fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    };
    (1..=253).contains(&host.len()) && host.split('.').all(is_label)
}

/// A domain name from its end: at least two parts, so that no scheme of the web (`javascript`, `data`, `file`) is one.
fn is_reverse_dns(scheme: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-+".contains(&byte))
    };
    scheme.contains('.')
        && scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.split('.').all(is_part)
}

/// Whether it holds nothing but what RFC 3986 §2 allows, and every `%` begins an octet.
fn is_uri_text(uri: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let is_octet =
        |rest: &str| rest.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    uri.bytes().all(allowed) && uri.split('%').skip(1).all(is_octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_01_redirect_uri_is_compared_byte_for_byte() {
        let registered = "https://app.example/cb?a=1";
        for any_port in [AnyPort::Never, AnyPort::OnLoopbackIp, AnyPort::OnLocalhostToo] {
            assert!(redirect_uri_matches(registered, registered, any_port));
            for presented in [
                "",
                "https://app.example/cb",
                "https://app.example/cb?a=1&",
                "https://app.example/cb?a=1#",
                "https://app.example/cb?a=1&b=2",
                "https://app.example/CB?a=1",
                "https://APP.example/cb?a=1",
                "https://app.example:443/cb?a=1",
                "https://app.example/./cb?a=1",
                "https://app.example/x/../cb?a=1",
                "https://app.example/%63b?a=1",
                "https://app.example/cb/?a=1",
                "https://app.example.evil.example/cb?a=1",
                "https://app.example@evil.example/cb?a=1",
                "http://app.example/cb?a=1",
                " https://app.example/cb?a=1",
                "https://app.example/cb?a=1\n",
            ] {
                assert!(!redirect_uri_matches(registered, presented, any_port), "{presented}");
            }
        }
    }

    #[test]
    fn as_01_only_a_loopback_ip_may_differ_in_port() {
        use AnyPort::{Never, OnLocalhostToo, OnLoopbackIp};
        for (registered, presented, allowed_from) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", Some(OnLoopbackIp)),
            ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb", Some(OnLoopbackIp)),
            ("http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", Some(OnLoopbackIp)),
            ("http://127.0.0.1", "http://127.0.0.1:7", Some(OnLoopbackIp)),
            ("http://[::1]/cb?x=1", "http://[::1]:5/cb?x=1", Some(OnLoopbackIp)),
            ("http://localhost:8400/callback", "http://localhost:29206/callback", Some(OnLocalhostToo)),
            ("http://localhost/cb", "http://localhost:1/cb", Some(OnLocalhostToo)),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb/", None),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/CB", None),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb?x", None),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", None),
            ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb", None),
            ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", None),
            ("http://127.0.0.1/cb", "http://127.0.0.1:+80/cb", None),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb", None),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb", None),
            ("http://127.0.0.1", "http://127.0.0.1:80@evil.example", None),
            ("http://127.0.0.1/cb", "http://127.0.0.2:1/cb", None),
            ("http://127.0.0.1/cb", "http://[::1]:1/cb", None),
            ("http://127.0.0.1/cb", "http://localhost:1/cb", None),
            ("http://localhost/cb", "http://127.0.0.1:1/cb", None),
            ("http://127.0.0.1/cb", "https://127.0.0.1:1/cb", None),
            ("https://127.0.0.1/cb", "https://127.0.0.1:1/cb", None),
            ("https://app.example/cb", "https://app.example:1/cb", None),
            ("com.example.app:/cb", "com.example.app:1/cb", None),
        ] {
            let levels = [Never, OnLoopbackIp, OnLocalhostToo];
            let from = allowed_from.map_or(3, |from| levels.iter().position(|one| *one == from).unwrap());
            for (level, any_port) in levels.into_iter().enumerate() {
                let allowed = redirect_uri_matches(registered, presented, any_port);
                assert_eq!(allowed, level >= from, "{registered} {presented} {any_port:?}");
            }
        }
    }

    #[test]
    fn as_03_what_may_not_be_registered_is_refused() {
        for uri in [
            "",
            "https",
            "https:",
            "https://",
            "https:///cb",
            "https://*.app.example/cb",
            "https://app.example/*",
            "https://app.example/cb#",
            "https://app.example/cb#x",
            "https://user@app.example/cb",
            "https://user:pass@app.example/cb",
            "https://@app.example/cb",
            "https://app.example\\@evil.example/cb",
            "https://app.example:/cb",
            "https://app.example:0/cb",
            "https://app.example:99999/cb",
            "https://app.example:80x/cb",
            "https://app..example/cb",
            "https://App.example/cb",
            "HTTPS://app.example/cb",
            "https://[::1/cb",
            "https://[zz]/cb",
            "https://[::1]x/cb",
            "https://app.example/c b",
            "https://app.example/\u{e9}",
            "https://app.example/%zz",
            "https://app.example/%2",
            "https://app.example/\0",
            "https://app.example/<x>",
            "https:/app.example/cb",
            "//app.example/cb",
            "/cb",
            "http://app.example/cb",
            "http://127.0.0.2/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost.evil.example/cb",
            "http://0.0.0.0/cb",
            "http://[::2]/cb",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "javascript://app.example/%0aalert(1)",
            "data:text/html,x",
            "data:/x",
            "file:///etc/passwd",
            "ftp://app.example/cb",
            "urn:ietf:wg:oauth:2.0:oob",
            "myapp:/cb",
            "myapp://cb",
            ".example.app:/cb",
            "com..app:/cb",
            "com.example.app.:/cb",
            "1com.example:/cb",
            "com.example.app:cb",
            "com.example.app:",
            "com.example.app://user@host/cb",
            "com.example.app:/cb#x",
            "com.example.app:/*",
        ] {
            for private_use in [false, true] {
                let refused = check_redirect_uri("redirectUris[0]", uri, private_use).unwrap_err();
                assert_eq!(refused.field, "redirectUris[0]", "{uri}");
            }
        }
        assert!(check_redirect_uri("r", &format!("https://a.example/{}", "a".repeat(2048)), true).is_err());
    }

    #[test]
    fn what_may_be_registered_is_taken() {
        for (uri, private_use) in [
            ("https://app.example", false),
            ("https://app.example/", false),
            ("https://app.example:8443/cb?x=%20&y=a/b?c", false),
            ("https://xn--bcher-kva.example/cb", false),
            ("https://192.0.2.7/cb", false),
            ("https://[2001:db8::1]:8443/cb", false),
            ("https://my_host/cb", false),
            ("http://127.0.0.1/cb", false),
            ("http://[::1]:1/cb", false),
            ("http://localhost:3000/cb", false),
            ("com.example.app:/cb", true),
            ("com.example.app://callback", true),
            ("com.googleusercontent.apps.123-abc:/oauth2redirect", true),
        ] {
            assert!(check_redirect_uri("r", uri, true).is_ok(), "{uri}");
            assert_eq!(check_redirect_uri("r", uri, false).is_err(), private_use, "{uri}");
        }
    }
}
