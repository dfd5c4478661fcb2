use portcullis_domain::{
    ApplicationPart, EndReason, SESSIONS_PER_APPLICATION, Session, SessionState, UserProfile,
};
use portcullis_types::{GuardCode, Sensitive, Timestamp};

use super::end::close;
use super::refresh_token::Held;
use super::{Device, refused};
use crate::Result;
use crate::change::Unit;

/// What a person gives an application, after they have proven who they are.
pub(crate) struct ApplicationOpening<'a> {
    /// The person, locked, and found to be active.
    pub(crate) user: &'a UserProfile,
    /// What is given.
    pub(crate) part: ApplicationPart,
    /// When they proved who they are.
    pub(crate) auth_time: Timestamp,
    /// How (RFC 8176).
    pub(crate) amr: &'a [String],
    /// From where.
    pub(crate) device: &'a Device,
    /// How long it may rest.
    pub(crate) idle_secs: i64,
    /// How long it may last at all.
    pub(crate) absolute_secs: i64,
    /// Whether it can be refreshed.
    pub(crate) refresh: bool,
}

/// Opens the session of an application, as a part of a larger change, with its first refresh token if it can be refreshed. One that
/// came from a browser session begins while that is alive, and, unless `offline_access` was granted, does not outlast it.
pub(crate) async fn open_application(
    unit: &mut Unit,
    opening: ApplicationOpening<'_>,
) -> Result<(Session, Option<Sensitive>)> {
    let portcullis = unit.portcullis().clone();
    let now = portcullis.now().max(opening.user.not_before.unwrap_or_default());
    let mut last = now.plus_secs(opening.absolute_secs);
    if let Some(browser) = &opening.part.browser_session {
        let browser = origin(unit, browser, opening.user).await?;
        if !opening.part.has_scope("offline_access") {
            last = last.min(browser.absolute_expires_at);
        }
    }
    make_room(unit, &opening).await?;
    let Device { name, user_agent, ip, .. } = opening.device;
    let session = Session {
        session_id: portcullis.mint("ses_")?,
        user_id: opening.user.user_id.clone(),
        pool: opening.user.pool.clone(),
        amr: opening.amr.to_vec(),
        device_name: name.clone(),
        user_agent: user_agent.clone(),
        ip: ip.map(|ip| ip.to_string()),
        created_at: now,
        auth_time: opening.auth_time,
        last_seen_at: now,
        idle_secs: opening.idle_secs,
        idle_expires_at: now.plus_secs(opening.idle_secs).min(last),
        absolute_expires_at: last,
        ended_at: None,
        end_reason: None,
        application: Some(opening.part),
    };
    unit.queries().insert_session(&session).await?;
    let token = if opening.refresh { Some(Held::mint(&portcullis)?) } else { None };
    if let Some(token) = &token {
        unit.queries().insert_refresh_token(&token.row(&session, None, now)).await?;
    }
    let client_id = session.application.as_ref().map(|part| part.client_id.as_str()).unwrap_or_default();
    unit.audit("session.open", &session.session_id, Some(format!("for {client_id}")));
    Ok((session, token.map(|token| token.text())))
}

/// The browser session that it comes from, locked; refused unless it is alive and the same person's.
async fn origin(unit: &mut Unit, session_id: &str, user: &UserProfile) -> Result<Session> {
    let now = unit.portcullis().now();
    let session = unit.queries().session_for_update(session_id).await?;
    session
        .filter(|session| session.state(now) == SessionState::Alive && session.user_id == user.user_id)
        .ok_or_else(|| refused(GuardCode::TokenRevoked, "the sign-in has ended"))
}

/// Ends what the application has too many of the user's sessions once there is one more, the ones seen the longest ago first.
async fn make_room(unit: &mut Unit, opening: &ApplicationOpening<'_>) -> Result<()> {
    let now = unit.portcullis().now();
    let alive = unit.queries().live_sessions(&opening.user.user_id, now).await?;
    let same = |session: &Session| {
        session.application.as_ref().is_some_and(|part| part.client_id == opening.part.client_id)
    };
    for session in alive.into_iter().filter(same).skip(SESSIONS_PER_APPLICATION - 1) {
        close(unit, &session, EndReason::Evicted).await?;
    }
    Ok(())
}
