use portcullis_domain::{EndReason, RefreshToken, Session, SessionState, UserProfile};
use portcullis_types::auth::TokenBody;
use portcullis_types::{GuardCode, Sensitive};

use super::access_token::{policy_of, token_body};
use super::end::close;
use super::refresh_token::Held;
use super::{Device, Presented, refused};
use crate::change::Unit;
use crate::{Error, Portcullis, Result};

/// New tokens for old ones. With a refresh token, that one alone counts, is used up, and replaced; a second use within the grace
/// gives the same successor, a later one ends the session (RFC 9700 §4.14). Without one, the current access token counts, while
/// it is good or no more than 24 hours over, and no refresh token is given (spec `guard-request.md` §1.1).
///
/// Everything about the user is read again.
///
/// # Errors
/// [`Error::Unauthenticated`] for everything that is not good for it.
pub async fn refresh(portcullis: &Portcullis, device: Device, presented: Presented) -> Result<TokenBody> {
    let portcullis = portcullis.clone();
    Portcullis::to_the_end(async move {
        match (presented.refresh_token, presented.bearer) {
            (Some(token), _) => refresh_by_token(&portcullis, &device, &token).await,
            (None, Some(bearer)) => super::refresh_bearer::refresh(&portcullis, &device, &bearer).await,
            (None, None) => Err(refused(GuardCode::TokenMissing, "no token was sent")),
        }
    })
    .await
}

async fn refresh_by_token(portcullis: &Portcullis, device: &Device, text: &Sensitive) -> Result<TokenBody> {
    let Found { held, session, .. } = find_own(portcullis, text).await?;
    let mut unit = Unit::begin(portcullis, &device.cx(&session.user_id)).await?;
    let (session, user) = alive(&mut unit, &session.session_id).await?;
    let grace_secs = policy_of(portcullis, &user).refresh_grace_secs;
    match rotate(&mut unit, &held, session, grace_secs).await? {
        Rotation::Next { token, session } => {
            let body = token_body(portcullis, &session, &user, Some(token))?;
            unit.commit().await?;
            Ok(body)
        }
        Rotation::Reused(session) => Err(end_family(unit, &session).await?),
    }
}

/// What the use of a refresh token leads to.
pub(crate) enum Rotation {
    /// The token that replaces it, and the session as it was seen now. Good once it is committed.
    Next {
        /// One and the same for every use within the grace.
        token: Sensitive,
        /// The session.
        session: Session,
    },
    /// It was replaced longer ago than the grace: its family must be ended.
    Reused(Session),
}

/// Uses a refresh token up, and gives the one that replaces it. The session is locked by whoever calls.
pub(crate) async fn rotate(
    unit: &mut Unit,
    held: &Held,
    session: Session,
    grace_secs: i64,
) -> Result<Rotation> {
    let portcullis = unit.portcullis().clone();
    let now = portcullis.now();
    let successor = Held::mint(&portcullis)?;
    let sealed = held.seal(&successor, &portcullis)?;
    if unit.queries().use_refresh_token(held.id(), &sealed, now).await? {
        let row = successor.row(&session, Some(held.id()), now);
        unit.queries().insert_refresh_token(&row).await?;
        let session = session.seen(now);
        unit.queries().put_session_seen(&session).await?;
        return Ok(Rotation::Next { token: successor.text(), session });
    }
    let used = unit.queries().refresh_token(held.id()).await?.ok_or_else(unknown)?;
    if used.is_retry(now, grace_secs) {
        return Ok(Rotation::Next { token: held.open(&used)?, session });
    }
    Ok(Rotation::Reused(session))
}

/// Ends the session of a refresh token that was used again too late, and gives the refusal.
pub(crate) async fn end_family(mut unit: Unit, session: &Session) -> Result<Error> {
    close(&mut unit, session, EndReason::RefreshReuse).await?;
    unit.commit().await?;
    tracing::warn!(session = session.session_id, "a refresh token was used again: its session was ended");
    Ok(refused(GuardCode::TokenRevoked, "the refresh token was used before"))
}

/// A refresh token that exists, and its session, as both were a moment ago.
pub(crate) struct Found {
    pub(crate) held: Held,
    pub(crate) stored: RefreshToken,
    pub(crate) session: Session,
}

/// The same of a person's own session. A refresh token of an application is unknown here: it must prove who it is.
pub(super) async fn find_own(portcullis: &Portcullis, text: &Sensitive) -> Result<Found> {
    let found = find(portcullis, text).await?;
    if found.session.application.is_some() { Err(unknown()) } else { Ok(found) }
}

/// Looks a refresh token up, without a lock: whoever guesses makes nobody wait.
pub(crate) async fn find(portcullis: &Portcullis, text: &Sensitive) -> Result<Found> {
    let held = Held::parse(text.expose()).ok_or_else(unknown)?;
    let mut snapshot = portcullis.read().await?;
    let stored = snapshot.queries().refresh_token(held.id()).await?;
    let stored = stored.filter(|stored| held.is(stored)).ok_or_else(unknown)?;
    let session = snapshot.queries().session(&stored.session_id).await?.ok_or_else(ended)?;
    Ok(Found { held, stored, session })
}

/// The session and its user as they are now, the session locked; refused unless both are good.
pub(crate) async fn alive(unit: &mut Unit, session_id: &str) -> Result<(Session, UserProfile)> {
    let now = unit.portcullis().now();
    let session = unit.queries().session_for_update(session_id).await?.ok_or_else(ended)?;
    match session.state(now) {
        SessionState::Alive => {}
        SessionState::Ended => return Err(ended()),
        SessionState::TimedOut => return Err(refused(GuardCode::TokenExpired, "the session has timed out")),
    }
    let user = active_user(unit, &session.user_id).await?;
    if user.not_before.is_some_and(|epoch| session.created_at < epoch) {
        return Err(ended());
    }
    Ok((session, user))
}

/// The user as they are now; refused unless they may sign in.
pub(super) async fn active_user(unit: &mut Unit, user_id: &str) -> Result<UserProfile> {
    let user = unit.queries().user(user_id).await?.filter(|user| user.disabled_at.is_none());
    user.ok_or(refused(GuardCode::UserInactive, "the user is not active"))
}

fn unknown() -> Error {
    refused(GuardCode::TokenInvalid, "the refresh token is not known")
}

fn ended() -> Error {
    refused(GuardCode::TokenRevoked, "the session has ended")
}
