use portcullis_domain::{EndReason, SessionState};
use portcullis_store::ChangeKind;
use portcullis_types::{AuthError, Caller, GuardCode, Sensitive};

use super::end::close;
use super::refresh::{Found, end_family, find_own};
use super::{Device, Presented, refused};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Ends the session of a token: of the refresh token, of the bearer, of both if both are good. A bearer that has no session is
/// disabled. Only what was proven to be good ends anything.
///
/// # Errors
/// [`Error::Unauthenticated`] if none of them is good.
pub async fn log_out(portcullis: &Portcullis, device: Device, presented: Presented) -> Result<()> {
    let portcullis = portcullis.clone();
    Portcullis::to_the_end(async move {
        let mut outcome = Err(refused(GuardCode::TokenMissing, "no token was sent"));
        if let Some(token) = &presented.refresh_token {
            outcome = by_refresh_token(&portcullis, &device, token).await;
        }
        if let Some(bearer) = &presented.bearer {
            let by_bearer = by_bearer(&portcullis, &device, bearer, outcome.is_ok()).await;
            // An outage is told even if the other token was good: it may have left a session open.
            outcome = match (outcome, by_bearer) {
                (Ok(()), Err(Error::Unauthenticated { .. })) => Ok(()),
                (Err(Error::Unauthenticated { .. }), by_bearer) => by_bearer,
                (Err(other), _) => Err(other),
                (Ok(()), by_bearer) => by_bearer,
            };
        }
        outcome
    })
    .await
}

async fn by_refresh_token(portcullis: &Portcullis, device: &Device, text: &Sensitive) -> Result<()> {
    let Found { stored, session, .. } = find_own(portcullis, text).await?;
    let now = portcullis.now();
    if session.state(now) != SessionState::Alive {
        return Err(refused(GuardCode::TokenRevoked, "the session has ended"));
    }
    let mut unit = Unit::begin(portcullis, &device.cx(&session.user_id)).await?;
    let grace = portcullis.inner.settings.sessions.refresh_grace_secs;
    if stored.used_at.is_some() && !stored.is_retry(now, grace) {
        return Err(end_family(unit, &session).await?);
    }
    if !close(&mut unit, &session, EndReason::Logout).await? {
        return Err(refused(GuardCode::TokenRevoked, "the session has ended"));
    }
    unit.commit().await
}

async fn by_bearer(portcullis: &Portcullis, device: &Device, bearer: &str, done: bool) -> Result<()> {
    let verified = portcullis.bearer(bearer).await.map_err(|error| match error {
        AuthError::Invalid { code, reason } => refused(code, reason),
        _ => refused(GuardCode::VerificationUnavailable, "the bearer could not be checked"),
    })?;
    let Caller::User { user_id, session_id, .. } = &verified.caller else {
        return Err(refused(GuardCode::TokenInvalid, "not a token of a session"));
    };
    let cx = Cx { request_id: device.request_id.clone(), ..device.cx(user_id) };
    let mut unit = Unit::begin(portcullis, &cx).await?;
    let ended = match session_id {
        Some(session_id) => match unit.queries().session_for_update(session_id).await? {
            Some(session) => close(&mut unit, &session, EndReason::Logout).await?,
            None => false,
        },
        None => disable(&mut unit, user_id, verified.facts.token_id.as_deref()).await?,
    };
    // The refresh token before it was of the same session.
    if !ended && !done {
        return Err(refused(GuardCode::TokenRevoked, "the session has ended"));
    }
    unit.commit().await
}

/// Disables a token that has no session.
async fn disable(unit: &mut Unit, user_id: &str, token_id: Option<&str>) -> Result<bool> {
    let Some(token_id) = token_id else { return Ok(false) };
    let now = unit.portcullis().now();
    let disabled = unit.queries().revoke_token(user_id, token_id, now).await?;
    if disabled {
        unit.changed(ChangeKind::Token, token_id);
        unit.audit("token.disable", token_id, Some(user_id.to_owned()));
    }
    Ok(disabled)
}
