use std::borrow::Cow;
use std::fmt;

use portcullis_types::oauth::OAuthErrorBody;

use crate::Error;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What went wrong, as the registry "OAuth Extensions Errors" names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum OAuthErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl OAuthErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The text on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

codes! {
    /// A parameter is missing, malformed, or repeated (RFC 6749 §5.2).
    InvalidRequest = "invalid_request";
    /// The client did not prove who it is (RFC 6749 §5.2).
    InvalidClient = "invalid_client";
    /// The code, the refresh token or the assertion is not good, or not this client's (RFC 6749 §5.2).
    InvalidGrant = "invalid_grant";
    /// The client may not use this grant (RFC 6749 §5.2).
    UnauthorizedClient = "unauthorized_client";
    /// There is no such grant (RFC 6749 §5.2).
    UnsupportedGrantType = "unsupported_grant_type";
    /// There is no such response type (RFC 6749 §4.1.2.1).
    UnsupportedResponseType = "unsupported_response_type";
    /// A scope is malformed, unknown, or not this client's (RFC 6749 §5.2).
    InvalidScope = "invalid_scope";
    /// The resource is not one that the client may ask for (RFC 8707 §2).
    InvalidTarget = "invalid_target";
    /// The person said no (RFC 6749 §4.1.2.1, RFC 8628 §3.5).
    AccessDenied = "access_denied";
    /// It failed, which is our fault (RFC 6749 §4.1.2.1).
    ServerError = "server_error";
    /// Try again later (RFC 6749 §4.1.2.1).
    TemporarilyUnavailable = "temporarily_unavailable";
    /// The access token is not good (RFC 6750 §3.1).
    InvalidToken = "invalid_token";
    /// The access token is not good for this (RFC 6750 §3.1).
    InsufficientScope = "insufficient_scope";
    /// The person has not answered yet (RFC 8628 §3.5).
    AuthorizationPending = "authorization_pending";
    /// Ask more slowly (RFC 8628 §3.5).
    SlowDown = "slow_down";
    /// The device code has expired (RFC 8628 §3.5).
    ExpiredToken = "expired_token";
    /// Something would have to be shown (OpenID Connect Core §3.1.2.6).
    InteractionRequired = "interaction_required";
    /// The person would have to sign in (OpenID Connect Core §3.1.2.6).
    LoginRequired = "login_required";
    /// The person would have to choose an account (OpenID Connect Core §3.1.2.6).
    AccountSelectionRequired = "account_selection_required";
    /// The person would have to consent (OpenID Connect Core §3.1.2.6).
    ConsentRequired = "consent_required";
    /// `request` is not supported (OpenID Connect Core §3.1.2.6).
    RequestNotSupported = "request_not_supported";
    /// `request_uri` is not supported (OpenID Connect Core §3.1.2.6).
    RequestUriNotSupported = "request_uri_not_supported";
    /// `registration` is not supported (OpenID Connect Core §3.1.2.6).
    RegistrationNotSupported = "registration_not_supported";
    /// The requirements of `acr` cannot be met (OpenID Connect Core §5.5.1.1).
    UnmetAuthenticationRequirements = "unmet_authentication_requirements";
}

/// A refusal of an OAuth endpoint (RFC 6749 §5.2). The description is for people and holds nothing that was sent.
#[derive(Debug)]
pub struct OAuthError {
    /// For programs.
    pub code: OAuthErrorCode,
    /// For people. Only what RFC 6749 §5.2 allows: printable ASCII without `"` and `\`.
    pub description: Cow<'static, str>,
    /// When to try again, in seconds.
    pub retry_after_secs: Option<u32>,
    source: Option<Box<Error>>,
}

impl OAuthError {
    /// A refusal.
    pub fn new(code: OAuthErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: allowed(description.into()), retry_after_secs: None, source: None }
    }

    /// `invalid_request`.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(OAuthErrorCode::InvalidRequest, description)
    }

    /// `invalid_client`.
    pub fn invalid_client(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(OAuthErrorCode::InvalidClient, description)
    }

    /// `invalid_grant`.
    pub fn invalid_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(OAuthErrorCode::InvalidGrant, description)
    }

    /// The status at endpoints that answer with JSON: 401 only when a credential of the request itself was not good.
    pub fn status(&self) -> u16 {
        use OAuthErrorCode as C;
        match (self.code, &self.source) {
            (_, Some(source)) if matches!(**source, Error::TooManyAttempts { .. }) => 429,
            (C::InvalidClient | C::InvalidToken, _) => 401,
            (C::InsufficientScope, _) => 403,
            (C::ServerError, _) => 500,
            (C::TemporarilyUnavailable, _) => 503,
            _ => 400,
        }
    }

    /// The body.
    pub fn body(&self) -> OAuthErrorBody {
        OAuthErrorBody {
            error: self.code.as_str().to_owned(),
            error_description: Some(self.description.clone().into_owned()),
        }
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.description)
    }
}

impl std::error::Error for OAuthError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// What a use case refused, as OAuth has it: an outage is `temporarily_unavailable`, a credential or a person that is not good
/// `invalid_grant`, a malformed part `invalid_request`, and everything else our fault.
impl From<Error> for OAuthError {
    fn from(source: Error) -> Self {
        use OAuthErrorCode as C;
        let (code, description, retry_after_secs) = match &source {
            Error::Unavailable(_) => (C::TemporarilyUnavailable, "storage does not answer".into(), Some(1)),
            Error::Busy { retry_after_secs } | Error::TooManyAttempts { retry_after_secs } => {
                (C::TemporarilyUnavailable, "try again later".into(), Some(*retry_after_secs))
            }
            Error::Unauthenticated { code, reason } if code.is_outage() => {
                (C::TemporarilyUnavailable, Cow::from(*reason), Some(1))
            }
            Error::Unauthenticated { reason, .. } => (C::InvalidGrant, Cow::from(*reason), None),
            Error::Invalid(field) => (C::InvalidRequest, field.to_string().into(), None),
            _ => (C::ServerError, "it failed, which is our fault".into(), None),
        };
        Self { code, description: allowed(description), retry_after_secs, source: Some(Box::new(source)) }
    }
}

/// A description with nothing but the characters that RFC 6749 §5.2 allows: clients may refuse to read any other. What says why comes
/// from everywhere, so that it is seen to here.
fn allowed(description: Cow<'static, str>) -> Cow<'static, str> {
    let is_allowed = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    if description.chars().all(is_allowed) {
        return description;
    }
    description
        .chars()
        .map(|c| match c {
            c if is_allowed(c) => c,
            '"' => '\'',
            _ => '?',
        })
        .collect::<String>()
        .into()
}

impl From<portcullis_store::StoreError> for OAuthError {
    fn from(source: portcullis_store::StoreError) -> Self {
        Error::from(source).into()
    }
}

#[cfg(test)]
mod tests {
    use portcullis_types::{FieldError, GuardCode};

    use super::*;

    #[test]
    fn each_kind_of_failure_has_its_code_and_status() {
        let refused = |code| Error::Unauthenticated { code, reason: "no good" };
        for (error, code, status) in [
            (Error::Busy { retry_after_secs: 3 }, "temporarily_unavailable", 503),
            (Error::TooManyAttempts { retry_after_secs: 3 }, "temporarily_unavailable", 429),
            (refused(GuardCode::VerificationUnavailable), "temporarily_unavailable", 503),
            (refused(GuardCode::TokenRevoked), "invalid_grant", 400),
            (Error::Invalid(FieldError::new("scope", "text")), "invalid_request", 400),
            (Error::Internal("the disk is full".into()), "server_error", 500),
        ] {
            let answer = OAuthError::from(error);
            assert_eq!((answer.code.as_str(), answer.status()), (code, status));
            assert!(!answer.body().error_description.unwrap().contains("disk"));
        }
        assert_eq!(OAuthError::invalid_client("x").status(), 401);
        assert_eq!(OAuthError::new(OAuthErrorCode::SlowDown, "x").status(), 400);
    }

    #[test]
    fn a_description_holds_what_rfc_6749_allows_and_nothing_else() {
        let said = |text: &'static str| OAuthError::invalid_request(text).description;
        assert_eq!(said("scope: expected up to 64 (a-z ~!#)"), "scope: expected up to 64 (a-z ~!#)");
        assert_eq!(said("a \"b\" \\ §1 \n\u{7f}\u{e9}"), "a 'b' ? ?1 ???");
        let from = OAuthError::from(Error::Invalid(FieldError::new("ü", "\"§\"")));
        assert!(from.description.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"'), "{from}");
    }

    #[test]
    fn no_two_codes_have_one_text() {
        let texts: std::collections::BTreeSet<_> =
            OAuthErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), OAuthErrorCode::ALL.len());
    }
}
