use portcullis_jose::{TokenError, UnverifiedToken};

use crate::Portcullis;
use crate::oauth::OAuthError;

/// How far another node's clock may be ahead.
const LEEWAY_SECS: u8 = 60;

/// Whom an `id_token_hint` names (OpenID Connect Core §3.1.2.1): an ID token of ours for this very client. It may have expired, since
/// it opens nothing: it says whom the client expects.
pub(super) fn hinted_subject(
    portcullis: &Portcullis,
    client_id: &str,
    hint: &str,
) -> Result<String, OAuthError> {
    let refused =
        || OAuthError::invalid_request("id_token_hint: expected an ID token that this client was given");
    let not_a_token = |_error: TokenError| refused();
    let token = UnverifiedToken::parse(hint).map_err(not_a_token)?;
    // An access token, or anything else of ours, must not pass for one (TK-13).
    if !token.has_typ("JWT") {
        return Err(refused());
    }
    let keys = portcullis.inner.keys.load();
    let key = keys.find(token.kid()).ok_or_else(refused)?;
    let claims =
        token.verify_lately_expired(key, portcullis.now(), LEEWAY_SECS, u32::MAX).map_err(not_a_token)?;
    if claims.issuer() != portcullis.public_url() || !claims.has_audience(client_id) {
        return Err(refused());
    }
    Ok(claims.subject().to_owned())
}
