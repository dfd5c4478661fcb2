use portcullis_types::application::ResponseMode;
use serde::{Deserialize, Serialize};

use crate::Portcullis;
use crate::oauth::{OAuthError, OAuthErrorCode};

/// What the browser brings back to the application.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// Where it goes; registered for the application.
    pub redirect_uri: String,
    /// `code` or `error` and `error_description`; `state` as it was sent; `iss` always (RFC 9207).
    pub parameters: Vec<(&'static str, String)>,
    /// How.
    pub mode: ResponseMode,
}

impl AuthorizationResponse {
    /// The address for [`ResponseMode::Query`]: what the redirect URI has in its query stays before the parameters (RFC 6749 §3.1.2).
    pub fn location(&self) -> String {
        let mut location = self.redirect_uri.clone();
        let mut before = match location.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some((_, query)) if query.ends_with('&') => "",
            Some(_) => "&",
        };
        for (name, value) in &self.parameters {
            location.push_str(before);
            location.push_str(name);
            location.push('=');
            encode(value, &mut location);
            before = "&";
        }
        location
    }
}

/// A code is a secret until it is redeemed: the names alone are printed.
impl std::fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthorizationResponse")
            .field("redirect_uri", &self.redirect_uri)
            .field("parameters", &names)
            .field("mode", &self.mode)
            .finish()
    }
}

/// Percent-encodes all but unreserved characters (RFC 3986 §2.3).
fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                into.push(char::from(byte))
            }
            other => into.push_str(&format!("%{other:02X}")),
        }
    }
}

/// Where and how a request is answered, once that is known to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReplyTo {
    pub(super) redirect_uri: String,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}

impl ReplyTo {
    pub(super) fn code(&self, portcullis: &Portcullis, code: &str) -> AuthorizationResponse {
        self.response(portcullis, vec![("code", code.to_owned())])
    }

    pub(super) fn error(&self, portcullis: &Portcullis, error: &OAuthError) -> AuthorizationResponse {
        if matches!(error.code, OAuthErrorCode::ServerError | OAuthErrorCode::TemporarilyUnavailable) {
            tracing::error!(error = error as &dyn std::error::Error, "an authorization request failed");
        }
        let description = error.description.clone().into_owned();
        self.response(
            portcullis,
            vec![("error", error.code.as_str().to_owned()), ("error_description", description)],
        )
    }

    fn response(
        &self,
        portcullis: &Portcullis,
        mut parameters: Vec<(&'static str, String)>,
    ) -> AuthorizationResponse {
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        parameters.push(("iss", portcullis.public_url().to_owned()));
        AuthorizationResponse { redirect_uri: self.redirect_uri.clone(), parameters, mode: self.mode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_redirect_uri_stays_and_values_are_encoded() {
        let location = |redirect_uri: &str, parameters: &[(&'static str, &str)]| {
            let parameters = parameters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            let redirect_uri = redirect_uri.to_owned();
            AuthorizationResponse { redirect_uri, parameters, mode: ResponseMode::Query }.location()
        };
        let two = [("code", "ac_1.x-y"), ("state", "a&b=c d+é#")];
        let query = "code=ac_1.x-y&state=a%26b%3Dc%20d%2B%C3%A9%23";
        for (uri, expected) in [
            ("https://a.example/cb", format!("https://a.example/cb?{query}")),
            ("https://a.example/cb?x=1", format!("https://a.example/cb?x=1&{query}")),
            ("https://a.example/cb?x=1&", format!("https://a.example/cb?x=1&{query}")),
            ("https://a.example/cb?", format!("https://a.example/cb?{query}")),
            ("com.example.app:/cb", format!("com.example.app:/cb?{query}")),
        ] {
            assert_eq!(location(uri, &two), expected);
        }
    }

    #[test]
    fn a_code_is_not_printed() {
        let parameters = vec![("code", "ac_secret".to_owned())];
        let redirect_uri = "https://a.example/cb".to_owned();
        let response = AuthorizationResponse { redirect_uri, parameters, mode: ResponseMode::Query };
        assert!(!format!("{response:?}").contains("secret"));
    }
}
