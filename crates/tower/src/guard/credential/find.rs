use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use super::CookieCredential;
use crate::bearer::{BearerRefusal, MAX_BEARER_BYTES, bearer_credential};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Why a request is refused before anybody looks at its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialRefusal {
    /// Two credentials, which may not agree about who is asking; or a header twice that may be there once.
    Several,
    /// A header that holds a credential is longer than 16 KiB.
    TooLarge,
    /// A token in the query, where logs and referrers keep it (RFC 9700 §4.3.2).
    InQuery,
    /// A cookie on a request that changes something, without the CSRF token.
    Csrf,
}

/// What a request sent.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::guard) enum Found<'a> {
    /// No credential.
    Nothing,
    /// Something in the place of a credential that can be none; the reason is for people.
    Malformed(&'static str),
    /// A credential, without its scheme.
    One(&'a str),
}

/// The one credential of a request: `Authorization: Bearer`, else `X-Api-Key`, else the cookie. The same one in two places counts
/// as one.
pub(in crate::guard) fn find<'a>(
    parts: &'a Parts,
    cookie: Option<&CookieCredential>,
) -> Result<Found<'a>, CredentialRefusal> {
    if in_query(parts.uri.query().unwrap_or_default()) {
        return Err(CredentialRefusal::InQuery);
    }
    refuse_large(&parts.headers, cookie.is_some())?;
    let bearer = match bearer_credential(&parts.headers) {
        Ok(token) => Found::One(token),
        Err(BearerRefusal::Missing) => Found::Nothing,
        Err(BearerRefusal::Several) => return Err(CredentialRefusal::Several),
        Err(BearerRefusal::OtherScheme) => Found::Malformed("the scheme is not Bearer"),
        Err(BearerRefusal::Invalid { reason, .. }) => Found::Malformed(reason),
        Err(BearerRefusal::Unavailable) => Found::Malformed("the credential cannot be read"),
    };
    let found = one_of(bearer, api_key(&parts.headers)?)?;
    let Some(cookie) = cookie else { return Ok(found) };
    let from_elsewhere = found != Found::Nothing;
    let found = cookie.values(&parts.headers).map(word).try_fold(found, one_of)?;
    if !from_elsewhere && found != Found::Nothing && !cookie.is_proven(parts) {
        return Err(CredentialRefusal::Csrf);
    }
    Ok(found)
}

fn one_of<'a>(one: Found<'a>, other: Found<'a>) -> Result<Found<'a>, CredentialRefusal> {
    match (one, other) {
        (Found::Nothing, found) | (found, Found::Nothing) => Ok(found),
        (one, other) if one == other => Ok(one),
        _ => Err(CredentialRefusal::Several),
    }
}

fn api_key(headers: &HeaderMap) -> Result<Found<'_>, CredentialRefusal> {
    let mut given = headers.get_all(API_KEY).iter();
    let Some(value) = given.next() else { return Ok(Found::Nothing) };
    if given.next().is_some() {
        return Err(CredentialRefusal::Several);
    }
    Ok(value
        .to_str()
        .map_or(Found::Malformed("the API key is not visible ASCII"), |value| word(value.trim())))
}

/// One word of visible ASCII, as a bearer must be too.
fn word(value: &str) -> Found<'_> {
    if !value.is_empty() && value.bytes().all(|byte| matches!(byte, b'!'..=b'~')) {
        Found::One(value)
    } else {
        Found::Malformed("the credential is not one word of visible ASCII")
    }
}

/// `access_token` is the one name that a standard ever gave to a token there (RFC 6750 §2.3).
pub(crate) fn in_query(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
}

fn refuse_large(headers: &HeaderMap, cookies_count: bool) -> Result<(), CredentialRefusal> {
    let is_large =
        |name: &HeaderName| headers.get_all(name).iter().any(|value| value.len() > MAX_BEARER_BYTES);
    if is_large(&AUTHORIZATION) || is_large(&API_KEY) || (cookies_count && is_large(&COOKIE)) {
        return Err(CredentialRefusal::TooLarge);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let request = Request::builder().method(method).uri(uri);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    fn outcome(method: &str, uri: &str, headers: &[(&str, &str)]) -> String {
        let cookie = CookieCredential::new("session");
        match find(&parts(method, uri, headers), Some(&cookie)) {
            Ok(Found::One(token)) => token.to_owned(),
            Ok(Found::Nothing) => "nothing".to_owned(),
            Ok(Found::Malformed(_)) => "malformed".to_owned(),
            Err(refusal) => format!("{refusal:?}"),
        }
    }

    #[test]
    fn one_credential_is_taken_from_any_of_its_places() {
        for (headers, expected) in [
            (&[][..], "nothing"),
            (&[("authorization", "bearer a")], "a"),
            (&[("authorization", "Basic a")], "malformed"),
            (&[("authorization", "Bearer a b")], "malformed"),
            (&[("x-api-key", "k")], "k"),
            (&[("x-api-key", "")], "malformed"),
            (&[("cookie", "a=b; session=t; c=d")], "t"),
            (&[("cookie", "session=\"t\"")], "t"),
            (&[("cookie", "session=")], "nothing"),
            (&[("cookie", "xsession=t; session2=t")], "nothing"),
            (&[("authorization", "Bearer t"), ("x-api-key", "t"), ("cookie", "session=t")], "t"),
        ] {
            assert_eq!(outcome("GET", "/", headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn two_credentials_are_refused_whichever_they_are() {
        for headers in [
            [("authorization", "Bearer a"), ("authorization", "Bearer a")],
            [("authorization", "Bearer a"), ("authorization", "Basic b")],
            [("authorization", "Bearer a"), ("x-api-key", "b")],
            [("authorization", "Basic a"), ("x-api-key", "b")],
            [("authorization", "Bearer a"), ("cookie", "session=b")],
            [("x-api-key", "a"), ("x-api-key", "a")],
            [("x-api-key", "a"), ("cookie", "session=b")],
            [("cookie", "session=a"), ("cookie", "session=b")],
        ] {
            assert_eq!(outcome("GET", "/", &headers), "Several", "{headers:?}");
        }
    }

    #[test]
    fn as_20_a_token_in_the_query_is_refused() {
        for uri in ["/?access_token=t", "/?a=b&access_token=t", "/?access_token"] {
            assert_eq!(outcome("GET", uri, &[]), "InQuery", "{uri}");
        }
        assert_eq!(outcome("GET", "/?token=t&my_access_token=t", &[]), "nothing");
    }

    #[test]
    fn a_header_beyond_16_kib_is_refused_and_one_of_16_kib_is_not() {
        let long = |length: usize| "a".repeat(length);
        let at_bound = long(MAX_BEARER_BYTES - "Bearer ".len());
        assert_eq!(outcome("GET", "/", &[("authorization", &format!("Bearer {at_bound}"))]), at_bound);
        for (name, value) in [
            ("authorization", format!("Bearer {at_bound}a")),
            ("authorization", long(MAX_BEARER_BYTES + 1)),
            ("x-api-key", long(MAX_BEARER_BYTES + 1)),
            ("cookie", format!("session={at_bound}")),
        ] {
            assert_eq!(outcome("GET", "/", &[(name, &value)]), "TooLarge", "{name}");
        }
        let cookie = parts("GET", "/", &[("cookie", &format!("other={}", long(MAX_BEARER_BYTES)))]);
        assert_eq!(find(&cookie, None), Ok(Found::Nothing), "cookies count only where they are credentials");
    }

    #[test]
    fn a_cookie_that_changes_something_needs_the_csrf_token() {
        let cookies = ("cookie", "session=t; csrf_token=c1");
        for (headers, expected) in [
            (&[cookies][..], "Csrf"),
            (&[cookies, ("x-csrf-token", "c1")], "t"),
            (&[cookies, ("x-csrf-token", "c2")], "Csrf"),
            (&[cookies, ("x-csrf-token", "c")], "Csrf"),
            (&[cookies, ("x-csrf-token", "")], "Csrf"),
            (&[cookies, ("x-csrf-token", "c1"), ("x-csrf-token", "c1")], "Csrf"),
            (&[("cookie", "session=t; csrf_token="), ("x-csrf-token", "")], "Csrf"),
            (&[("cookie", "session=t"), ("x-csrf-token", "c1")], "Csrf"),
            (&[cookies, ("cookie", "csrf_token=c2"), ("x-csrf-token", "c2")], "Csrf"),
            (&[("authorization", "Bearer t"), cookies], "t"),
        ] {
            for method in ["POST", "PUT", "PATCH", "DELETE", "ODD"] {
                assert_eq!(outcome(method, "/", headers), expected, "{method} {headers:?}");
            }
        }
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert_eq!(outcome(method, "/", &[cookies]), "t");
        }
        assert_eq!(outcome("GET", "/", &[cookies, ("upgrade", "websocket")]), "Csrf");
    }
}
