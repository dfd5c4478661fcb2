use portcullis_domain::EndReason;
use portcullis_store::ChangeKind;
use portcullis_types::Sensitive;

use super::{OAuthError, Parameters, authenticate_client, to_the_end};
use crate::authenticate::is_stored;
use crate::change::Unit;
use crate::session::{Device, close, find, is_refresh_token};
use crate::{Error, Portcullis, Result};

/// For how long a revoked token is remembered after nothing would accept it any more.
const REMEMBER_SECS: i64 = 60 * 60;

/// Gives a token up (RFC 7009). With a refresh token everything goes that was given with it; an access token goes alone. A token that is
/// not known, or another application's, stays as it is, and the answer does not say so (TK-06).
///
/// # Errors
/// `invalid_client`, `invalid_request`, and an outage.
pub async fn revoke(
    portcullis: &Portcullis,
    authorization: Option<&str>,
    parameters: &Parameters,
    device: Device,
) -> Result<(), OAuthError> {
    let client = authenticate_client(portcullis, authorization, parameters).await?;
    let token = Sensitive::new(parameters.required("token")?);
    let (portcullis, client_id) = (portcullis.clone(), client.application.application_id.clone());
    to_the_end(async move {
        let revoked = if is_refresh_token(token.expose()) {
            family(&portcullis, &device, &client_id, &token).await
        } else {
            access_token(&portcullis, &device, &client_id, token.expose()).await
        };
        match revoked {
            Err(Error::Unauthenticated { code, .. }) if !code.is_outage() => Ok(()),
            other => Ok(other?),
        }
    })
    .await
}

async fn family(portcullis: &Portcullis, device: &Device, client_id: &str, token: &Sensitive) -> Result<()> {
    let session = find(portcullis, token).await?.session;
    if session.application.as_ref().is_some_and(|part| part.client_id == client_id) {
        let mut unit = Unit::begin(portcullis, &device.cx(&session.user_id)).await?;
        unit.queries().session_for_update(&session.session_id).await?;
        close(&mut unit, &session, EndReason::TokenRevoked).await?;
        unit.commit().await?;
    }
    Ok(())
}

async fn access_token(portcullis: &Portcullis, device: &Device, client_id: &str, token: &str) -> Result<()> {
    let claims = portcullis.claims_of_issued(token)?;
    let (Some(issued_to), Some(token_id)) = (claims.extra("client_id"), claims.token_id()) else {
        return Ok(());
    };
    if issued_to.as_str() != Some(client_id) {
        return Ok(());
    }
    let mut unit = Unit::begin(portcullis, &device.cx(claims.subject())).await?;
    let now = portcullis.now();
    let revoked = if is_stored(&claims, token_id) {
        unit.queries().revoke_token(claims.subject(), token_id, now).await?
    } else {
        let forget_at = claims.expires_at().max(now).plus_secs(REMEMBER_SECS);
        unit.queries().revoke_access_token(token_id, now, forget_at).await?
    };
    if revoked {
        unit.changed(ChangeKind::Token, token_id);
        unit.audit("token.revoke", token_id, Some(format!("by {client_id}")));
    }
    unit.commit().await
}
