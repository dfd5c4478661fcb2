use portcullis_jose::{Claims, Digest, TokenError, UnverifiedToken};
use portcullis_types::Timestamp;

use super::{refused, unknown};
use crate::Portcullis;
use crate::application::Registered;
use crate::oauth::OAuthError;

/// How far ahead an assertion may expire (TK-21).
const MAX_AHEAD_SECS: i64 = 300;
/// How far clocks of clients may be ahead of ours.
const LEEWAY_SECS: u8 = 30;
/// For how long past its end a used assertion is remembered, whatever our clocks do.
const REMEMBERED_SECS: i64 = 3600;

/// Checks an assertion (RFC 7523 §3 as rfc7523bis has it) and uses it up: signed with a key of the application, about itself, for us,
/// for a short time, once.
///
/// # Errors
/// `invalid_client` with what is wrong, as soon as the signature is good; before, nothing is told.
pub(super) async fn check(
    portcullis: &Portcullis,
    found: &Registered,
    token: UnverifiedToken<'_>,
) -> Result<(), OAuthError> {
    // Of our other tokens none may stand in for an assertion (TK-13).
    if !(token.typ().is_none() || token.has_typ("JWT") || token.has_typ("client-authentication+jwt")) {
        return Err(refused("the assertion's typ is that of another token"));
    }
    let key = found.key(token.kid()).ok_or_else(unknown)?;
    let now = portcullis.now();
    let claims = token.verify(key, now, LEEWAY_SECS).map_err(|error| match error {
        TokenError::Signature | TokenError::Algorithm | TokenError::OtherKey => unknown(),
        other => refused(format!("the assertion is not good: {other}")),
    })?;
    let token_id = check_claims(portcullis.public_url(), found, &claims, now)?;
    let digest = *Digest::of(token_id.as_bytes()).as_bytes();
    let forget_at = claims.expires_at().plus_secs(REMEMBERED_SECS);
    if use_up(portcullis, &found.application.application_id, digest, forget_at).await? {
        Ok(())
    } else {
        Err(refused("the assertion was used before"))
    }
}

/// Checks what an assertion says, and gives its id.
fn check_claims<'c>(
    issuer: &str,
    found: &Registered,
    claims: &'c Claims,
    now: Timestamp,
) -> Result<&'c str, OAuthError> {
    let application = &found.application;
    if claims.issuer() != application.application_id || claims.subject() != application.application_id {
        return Err(refused("iss and sub of the assertion are the client's id"));
    }
    let excepted = application.exceptions.allow_token_endpoint_as_assertion_audience;
    let for_us = claims.single_audience() == Some(issuer)
        || (excepted
            && (claims.has_audience(issuer) || claims.has_audience(&format!("{issuer}/oauth2/token"))));
    if !for_us {
        return Err(refused("aud of the assertion is the issuer, as a single string"));
    }
    if claims.expires_at() > now.plus_secs(MAX_AHEAD_SECS) {
        return Err(refused("the assertion expires at most 5 minutes from now"));
    }
    let token_id = claims.token_id().filter(|id| (1..=256).contains(&id.len()));
    token_id.ok_or_else(|| refused("the assertion has a jti of 1 to 256 bytes"))
}

/// False: it was used before.
async fn use_up(
    portcullis: &Portcullis,
    application_id: &str,
    digest: [u8; 32],
    forget_at: Timestamp,
) -> crate::Result<bool> {
    let (portcullis, id) = (portcullis.clone(), application_id.to_owned());
    Portcullis::to_the_end(async move {
        let mut tx = portcullis.inner.store.begin().await?;
        let is_first = tx.queries().use_client_assertion(&id, &digest, forget_at).await?;
        tx.commit().await?;
        Ok(is_first)
    })
    .await
}
