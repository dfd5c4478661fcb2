//! The headers of every answer to a browser (spec `security-requirements.md` AS-12 to AS-14; W3C CSP Level 3).

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Where forms of a page may lead besides this site: browsers that apply `form-action` to redirects, as Chromium does, would else
/// stop on the way from our form to the application.
#[derive(Clone, Debug, Default)]
pub(super) struct FormTarget(Option<String>);

impl FormTarget {
    /// Of a redirect URI that was registered: its origin, or the scheme of an installed application.
    pub(super) fn of(redirect_uri: &str) -> Self {
        Self(source(redirect_uri))
    }
}

/// The source expression that covers an address. `None` if it holds what could not be in one: then the form leads nowhere else.
fn source(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !is_scheme {
        return None;
    }
    if !["http", "https"].contains(&scheme) {
        return Some(format!("{scheme}:"));
    }
    let authority = rest.strip_prefix("//")?.split(['/', '?', '#']).next().unwrap_or_default();
    // The grammar of sources has no IPv6 addresses (CSP Level 3 §2.3.1).
    if authority.starts_with('[') {
        return Some(format!("{scheme}:"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    (!authority.is_empty() && authority.bytes().all(plain)).then(|| format!("{scheme}://{authority}"))
}

/// Sets the headers; what a handler has set is kept.
pub(super) fn harden(headers: &mut HeaderMap) {
    let fixed = [
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (RESOURCE_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert_with(|| policy(&FormTarget::default()));
}

/// The policy of a page whose forms may lead there.
pub(super) fn policy(target: &FormTarget) -> HeaderValue {
    let target = target.0.as_ref().map(|source| format!(" {source}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'{target}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(policy)
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_an_origin_or_a_scheme_and_never_more_of_the_policy() {
        for (address, expected) in [
            ("https://app.example.org/cb?a=b", Some("https://app.example.org")),
            ("https://app.example.org:8443", Some("https://app.example.org:8443")),
            ("http://127.0.0.1:3000/cb", Some("http://127.0.0.1:3000")),
            ("http://[::1]:3000/cb", Some("http:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("https://a b/", None),
            ("https://a;script-src *", None),
            ("https://x'y/", None),
            ("java script:x", None),
            ("", None),
        ] {
            assert_eq!(source(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn as_12_as_13_as_14_what_every_answer_has() {
        let mut headers = HeaderMap::new();
        harden(&mut headers);
        assert_eq!(headers[X_FRAME_OPTIONS], "DENY");
        assert_eq!(headers[REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self';"]
        {
            assert!(policy.contains(part), "{policy}");
        }
    }
}
