use axum::http::header::{COOKIE, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method};
use subtle::ConstantTimeEq as _;

/// A cookie that holds the access token of a browser.
///
/// A browser sends its cookies with whatever any page makes it send. So on every method but `GET`, `HEAD`, `OPTIONS` and `TRACE`,
/// and on every request that upgrades (a WebSocket), the credential counts only beside a proof that the sender can read this
/// site's cookies: a header that repeats the CSRF cookie (a double submit). Set that cookie at sign-in, to at least 128 random
/// bits, `Secure` and `SameSite=Lax` or stricter, readable by script; and give both a `__Host-` name, so that no sibling domain
/// can set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieCredential {
    name: String,
    csrf_cookie: String,
    csrf_header: HeaderName,
}

impl CookieCredential {
    /// The token is in the cookie of this name; the CSRF token in the cookie `csrf_token` and the header `x-csrf-token`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            csrf_cookie: "csrf_token".to_owned(),
            csrf_header: HeaderName::from_static("x-csrf-token"),
        }
    }

    /// Other names for the CSRF token's cookie and header.
    #[must_use]
    pub fn csrf(mut self, cookie: impl Into<String>, header: HeaderName) -> Self {
        self.csrf_cookie = cookie.into();
        self.csrf_header = header;
        self
    }

    /// The values of the credential's cookie; a cleared one (empty) is none.
    pub(super) fn values<'a>(&self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        cookies(headers, self.name.clone()).filter(|value| !value.is_empty())
    }

    /// Whether the sender has shown that it can read this site's cookies, or need not.
    pub(super) fn is_proven(&self, parts: &Parts) -> bool {
        let safe = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(&parts.method);
        if safe && !parts.headers.contains_key(UPGRADE) {
            return true;
        }
        let mut sent = parts.headers.get_all(&self.csrf_header).iter();
        let (Some(sent), None) = (sent.next(), sent.next()) else { return false };
        let mut expected = cookies(&parts.headers, self.csrf_cookie.clone());
        // Two cookies of the name: one of them may have been planted.
        let (Some(expected), None) = (expected.next(), expected.next()) else { return false };
        !expected.is_empty() && bool::from(sent.as_bytes().ct_eq(expected.as_bytes()))
    }
}

/// The values of all cookies of one name (RFC 6265 §5.4).
fn cookies(headers: &HeaderMap, name: String) -> impl Iterator<Item = &str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(found, _)| *found == name)
        .map(|(_, value)| value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}
