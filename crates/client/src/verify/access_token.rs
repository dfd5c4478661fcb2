use portcullis_types::protected_resource::{AccessToken, VerifyAccessToken};
use portcullis_types::{AuthError, BoxFuture, GuardCode};

use super::VerifyError;
use crate::Client;

/// What an API needs to be a protected resource: the client verifies access tokens of its server by published keys. Whether a token is
/// for the API, the API compares.
impl VerifyAccessToken for Client {
    fn verify_access_token<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(async move {
            match self.verify_for_any_audience(token).await {
                Ok(claims) => Ok(AccessToken::new(
                    claims.issuer(),
                    claims.subject(),
                    claims.audience().to_vec(),
                    claims.expires_at(),
                    claims.extras().clone(),
                )),
                Err(error) if error.is_outage() => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a token could not be verified");
                    Err(AuthError::Unavailable)
                }
                Err(error) => Err(refused(&error)),
            }
        })
    }
}

fn refused(error: &VerifyError) -> AuthError {
    use portcullis_jose::TokenError as E;
    let (code, reason) = match error {
        VerifyError::Token(E::Expired) => (GuardCode::TokenExpired, "the token has expired"),
        VerifyError::Token(
            E::TooLong | E::Parts | E::HeaderTooLong | E::Base64 | E::Header | E::Payload | E::TooDeep,
        ) => (GuardCode::TokenMalformed, "not a token"),
        VerifyError::Audience => (GuardCode::TokenInvalid, "the token is for another resource"),
        VerifyError::Issuer => (GuardCode::TokenInvalid, "the token is of another issuer"),
        VerifyError::Kind => (GuardCode::TokenInvalid, "not an access token"),
        _ => (GuardCode::TokenInvalid, "not a valid token"),
    };
    AuthError::Invalid { code, reason }
}
