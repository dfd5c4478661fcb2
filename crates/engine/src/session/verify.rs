use portcullis_jose::looks_like_access_key;
use portcullis_types::AuthError;
use portcullis_types::auth::VerifyAnswer;

use super::refused;
use crate::{Portcullis, Result};

/// Whether a token would be accepted now, and whose it is (RFC 7662 §2.2). Of one that would not, nothing is said. An access
/// key is no token.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::Error::Unauthenticated) with `verification_unavailable` when it could not be found out:
/// that is not "no".
pub async fn verify(portcullis: &Portcullis, token: &str) -> Result<VerifyAnswer> {
    let unknown = VerifyAnswer { active: false, sub: None, exp: None };
    if looks_like_access_key(token) {
        return Ok(unknown);
    }
    match portcullis.bearer(token).await {
        Ok(bearer) => Ok(VerifyAnswer {
            active: true,
            sub: Some(bearer.caller.principal().to_owned()),
            exp: Some(bearer.facts.expires_at.secs()),
        }),
        Err(AuthError::Invalid { .. }) => Ok(unknown),
        Err(_) => Err(refused(
            portcullis_types::GuardCode::VerificationUnavailable,
            "the token could not be checked",
        )),
    }
}
