use portcullis_jose::Claims;
use portcullis_store::ChangeKind;
use portcullis_types::auth::TokenBody;

use super::access_token::token_body;
use super::refresh::active_user;
use super::standing::{LEEWAY_SECS, judge};
use super::{Device, refused};
use crate::authenticate::session_of;
use crate::change::Unit;
use crate::{Portcullis, Result};

/// For how long after its `exp` an access token can still be exchanged.
const LATE_SECS: u32 = 24 * 60 * 60;
/// For how long a replaced token is remembered after nothing would accept it any more.
const REMEMBER_SECS: i64 = 60 * 60;

/// A new access token for the current one. The old one stays good for a leeway of 30 seconds.
pub(super) async fn refresh(portcullis: &Portcullis, device: &Device, bearer: &str) -> Result<TokenBody> {
    let claims = portcullis.own_claims(bearer, LATE_SECS)?;
    let not_of_a_session = || refused(portcullis_types::GuardCode::TokenInvalid, "not a token of a session");
    let session_id = session_of(&claims).ok_or_else(not_of_a_session)?;
    let token_id = claims.token_id().ok_or_else(not_of_a_session)?;
    let now = portcullis.now();
    let mut unit = Unit::begin(portcullis, &device.cx(claims.subject())).await?;
    unit.queries().session_for_update(session_id).await?;
    let standing = unit.queries().session_standing(session_id, token_id).await?;
    let good = judge(standing, claims.subject(), now).map_err(|(code, reason)| refused(code, reason))?;
    if good.session.application.is_some() {
        // What an application was given is refreshed at the token endpoint, by the application.
        return Err(not_of_a_session());
    }
    let user = active_user(&mut unit, claims.subject()).await?;
    replace(&mut unit, &claims, token_id).await?;
    let session = good.session.seen(now);
    unit.queries().put_session_seen(&session).await?;
    let body = token_body(portcullis, &session, &user, None)?;
    unit.commit().await?;
    Ok(body)
}

/// Has the old token refused after the leeway, for as long as anybody might try to use or to exchange it.
async fn replace(unit: &mut Unit, claims: &Claims, token_id: &str) -> Result<()> {
    let effective_at = unit.portcullis().now().plus_secs(LEEWAY_SECS);
    let exchangeable_until = claims.expires_at().plus_secs(LATE_SECS.into());
    let forget_at = exchangeable_until.max(effective_at).plus_secs(REMEMBER_SECS);
    if unit.queries().revoke_access_token(token_id, effective_at, forget_at).await? {
        unit.changed(ChangeKind::Token, token_id);
    }
    Ok(())
}
