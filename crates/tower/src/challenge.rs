use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue};

/// A `Bearer` challenge (RFC 6750 §3): what a `WWW-Authenticate` header says.
#[derive(Clone, Debug)]
pub(crate) struct Challenge(String);

impl Challenge {
    /// For a request that sent no credential: without an `error`.
    pub(crate) fn new() -> Self {
        Self(r#"Bearer realm="portcullis""#.to_owned())
    }

    /// Without any parameter yet.
    pub(crate) fn bare() -> Self {
        Self("Bearer".to_owned())
    }

    /// For a credential that was refused, with the reason if it has one.
    pub(crate) fn refused(error: &str, description: Option<&str>) -> Self {
        let challenge = Self::new().with("error", error);
        match description {
            Some(description) => challenge.with("error_description", description),
            None => challenge,
        }
    }

    /// Adds a parameter. A value that could leave its quotes, or that no header may hold, is left out.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if value.bytes().all(plain) {
            let first = if self.0.contains(' ') { ", " } else { " " };
            for part in [first, name, "=\"", value, "\""] {
                self.0.push_str(part);
            }
        }
        self
    }

    /// As a header's value.
    pub(crate) fn value(self) -> HeaderValue {
        const BARE: HeaderValue = HeaderValue::from_static(r#"Bearer realm="portcullis""#);
        HeaderValue::try_from(self.0).unwrap_or(BARE)
    }
}

/// Says in every `Bearer` challenge of an answer where the resource's metadata is (RFC 9728 §5.1), unless it is said there already. `url`
/// is one of [`ProtectedResource::metadata_url`](crate::ProtectedResource::metadata_url).
///
/// For answers that are put together by hand; the layers say it when they are told the URL.
pub fn add_resource_metadata(headers: &mut HeaderMap, url: &str) {
    let pointed = |value: &HeaderValue| {
        let text = value.to_str().ok()?;
        let is_ours = text.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"));
        let is_told = text.contains("resource_metadata=");
        (is_ours && !is_told).then(|| Challenge(text.to_owned()).with("resource_metadata", url).value())
    };
    if !headers.contains_key(WWW_AUTHENTICATE) {
        return;
    }
    let challenges: Vec<HeaderValue> = headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .map(|value| pointed(value).unwrap_or_else(|| value.clone()))
        .collect();
    headers.remove(WWW_AUTHENTICATE);
    for challenge in challenges {
        headers.append(WWW_AUTHENTICATE, challenge);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_never_breaks_out_of_its_quotes() {
        for description in ["a\"b", "a\nb", "a\\", "é"] {
            let value = Challenge::refused("invalid_token", Some(description)).value();
            assert_eq!(value, r#"Bearer realm="portcullis", error="invalid_token""#, "{description:?}");
        }
    }

    #[test]
    fn the_metadata_is_named_in_bearer_challenges_once() {
        let mut headers = HeaderMap::new();
        add_resource_metadata(&mut headers, "https://a.test/m");
        assert!(headers.is_empty());
        for challenge in ["Bearer", r#"bearer realm="x""#, r#"Basic realm="x""#] {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        add_resource_metadata(&mut headers, "https://a.test/m");
        add_resource_metadata(&mut headers, "https://a.test/other");
        let said: Vec<_> =
            headers.get_all(WWW_AUTHENTICATE).iter().map(|value| value.to_str().unwrap()).collect();
        let expected = [
            r#"Bearer resource_metadata="https://a.test/m""#,
            r#"bearer realm="x", resource_metadata="https://a.test/m""#,
            r#"Basic realm="x""#,
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn what_can_be_said_is_said() {
        let value = Challenge::refused("insufficient_scope", None).with("scope", "a b").value();
        assert_eq!(value, r#"Bearer realm="portcullis", error="insufficient_scope", scope="a b""#);
    }
}
