use portcullis_domain::{EndReason, Session, UserProfile};
use portcullis_types::auth::TokenBody;
use portcullis_types::{GuardCode, Timestamp};

use super::access_token::{policy_of, token_body};
use super::end::close;
use super::refresh_token::Held;
use super::{Device, may_sign_in, refused};
use crate::access::checked;
use crate::change::Unit;
use crate::{Error, Portcullis, Result};

/// Who signs in, after they have proven who they are.
pub(crate) struct Opening<'a> {
    /// Somebody with a profile.
    pub(crate) user_id: &'a str,
    /// How they proved it (RFC 8176), at least one.
    pub(crate) amr: &'a [&'a str],
    /// From where.
    pub(crate) device: &'a Device,
}

/// Opens a session for somebody whose identity the caller has proven (`amr`: how, RFC 8176), and gives its first tokens. Ends
/// as many of the user's sessions as it takes to stay within the limit, the ones seen the longest ago first.
///
/// # Errors
/// [`Error::NotFound`] without a profile of that id; [`Error::Unauthenticated`] for a disabled user; [`Error::Invalid`].
pub async fn open(portcullis: &Portcullis, device: Device, user_id: &str, amr: &[&str]) -> Result<TokenBody> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let device = device.accepted()?;
    let (portcullis, user_id) = (portcullis.clone(), user_id.to_owned());
    let amr: Vec<String> = amr.iter().map(|method| (*method).to_owned()).collect();
    Portcullis::to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &device.cx(&user_id)).await?;
        let amr: Vec<&str> = amr.iter().map(String::as_str).collect();
        let opening = Opening { user_id: &user_id, amr: &amr, device: &device };
        let body = open_in(&mut unit, opening).await?;
        unit.commit().await?;
        Ok(body)
    })
    .await
}

/// The same as a part of a larger change, such as a registration. The device's name must have been accepted.
pub(crate) async fn open_in(unit: &mut Unit, opening: Opening<'_>) -> Result<TokenBody> {
    let portcullis = unit.portcullis().clone();
    let (session, user) = open_alone(unit, opening).await?;
    let token = Held::mint(&portcullis)?;
    unit.queries().insert_refresh_token(&token.row(&session, None, session.created_at)).await?;
    token_body(&portcullis, &session, &user, Some(token.text()))
}

/// The same without tokens: a cookie may stand for the session.
pub(crate) async fn open_alone(unit: &mut Unit, opening: Opening<'_>) -> Result<(Session, UserProfile)> {
    let portcullis = unit.portcullis().clone();
    // Whoever opens or ends sessions of this user waits here, so that the limit is exact.
    let user = unit.queries().user_for_update(opening.user_id).await?.ok_or(Error::NotFound("user"))?;
    if !may_sign_in(&user) {
        return Err(refused(GuardCode::UserInactive, "the user is not active"));
    }
    make_room(unit, &user).await?;
    let session = session(&portcullis, &user, &opening)?;
    unit.queries().insert_session(&session).await?;
    unit.audit("session.open", &session.session_id, Some(format!("by {}", session.amr.join(" "))));
    Ok((session, user))
}

/// Ends the user's sessions that are too many once there is one more.
async fn make_room(unit: &mut Unit, user: &UserProfile) -> Result<()> {
    let portcullis = unit.portcullis().clone();
    let now = portcullis.now();
    let most = usize::try_from(policy_of(&portcullis, user).per_user).unwrap_or(usize::MAX).max(1);
    let alive = unit.queries().live_sessions(&user.user_id, now).await?;
    // What applications were given has a limit of its own.
    let own = |session: &Session| session.application.is_none() && session.pool == user.pool;
    for session in alive.into_iter().filter(own).skip(most - 1) {
        close(unit, &session, EndReason::Evicted).await?;
    }
    Ok(())
}

fn session(portcullis: &Portcullis, user: &UserProfile, opening: &Opening<'_>) -> Result<Session> {
    let policy = policy_of(portcullis, user);
    // Never before the subject's epoch: another node's clock, which set it, may be ahead of this one's.
    let now: Timestamp = portcullis.now().max(user.not_before.unwrap_or_default());
    let absolute_expires_at = now.plus_secs(policy.absolute_secs);
    let Device { name, user_agent, ip, .. } = opening.device;
    Ok(Session {
        session_id: portcullis.mint("ses_")?,
        user_id: user.user_id.clone(),
        pool: user.pool.clone(),
        amr: opening.amr.iter().map(|method| (*method).to_owned()).collect(),
        device_name: name.clone(),
        user_agent: user_agent.clone(),
        ip: ip.map(|ip| ip.to_string()),
        created_at: now,
        auth_time: now,
        last_seen_at: now,
        idle_secs: policy.idle_secs,
        idle_expires_at: now.plus_secs(policy.idle_secs).min(absolute_expires_at),
        absolute_expires_at,
        ended_at: None,
        end_reason: None,
        application: None,
    })
}
