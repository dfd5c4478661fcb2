use axum::http::HeaderValue;

/// A `Bearer` challenge (RFC 6750 §3): what a `WWW-Authenticate` header says.
#[derive(Clone, Debug)]
pub(crate) struct Challenge(String);

impl Challenge {
    /// For a request that sent no credential: without an `error`.
    pub(crate) fn new() -> Self {
        Self(r#"Bearer realm="portcullis""#.to_owned())
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
            for part in [", ", name, "=\"", value, "\""] {
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
    fn what_can_be_said_is_said() {
        let value = Challenge::refused("insufficient_scope", None).with("scope", "a b").value();
        assert_eq!(value, r#"Bearer realm="portcullis", error="insufficient_scope", scope="a b""#);
    }
}
