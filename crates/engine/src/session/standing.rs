//! Is an access token of a session still good, its signature aside?

use portcullis_domain::{Session, SessionState};
use portcullis_store::SessionStanding;
use portcullis_types::{GuardCode, Timestamp};

/// For how long a token that was exchanged for a new one stays good, for the requests that are under way with it.
pub(super) const LEEWAY_SECS: i64 = 30;

/// A session whose token is good, and until when that may be remembered.
pub(crate) struct Good {
    pub(crate) session: Session,
    /// The user pool of its user.
    pub(crate) pool: String,
    pub(crate) until: Timestamp,
}

/// Decides by what is stored.
///
/// # Errors
/// The code and the reason to refuse with.
pub(crate) fn judge(
    standing: Option<SessionStanding>,
    subject: &str,
    now: Timestamp,
) -> Result<Good, (GuardCode, &'static str)> {
    let ended = (GuardCode::TokenRevoked, "the session has ended");
    let standing = standing.ok_or(ended)?;
    let session = standing.session;
    if session.user_id != subject {
        return Err((GuardCode::TokenInvalid, "not a valid token"));
    }
    let user = standing.user.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or((GuardCode::UserInactive, "the user is not active"))?;
    // By the session's microseconds and not by the token's seconds: a session that was opened right after the epoch is good.
    if user.not_before.is_some_and(|epoch| session.created_at < epoch) {
        return Err(ended);
    }
    match session.state(now) {
        SessionState::Alive => {}
        SessionState::Ended => return Err(ended),
        SessionState::TimedOut => return Err((GuardCode::TokenExpired, "the session has timed out")),
    }
    let mut until = session.idle_expires_at.min(session.absolute_expires_at);
    if let Some(from) = standing.revoked_from {
        // Good for the leeway before that instant only: a clock that was set back brings no token back for longer.
        if now >= from || now < from.plus_secs(-2 * LEEWAY_SECS) {
            return Err((GuardCode::TokenRevoked, "the token was replaced"));
        }
        until = until.min(from);
    }
    Ok(Good { session, pool: user.pool, until })
}
