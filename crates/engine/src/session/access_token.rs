use portcullis_domain::{Session, SessionPolicy, UserProfile};
use portcullis_jose::Algorithm;
use portcullis_types::auth::{AuthUser, TokenBody};
use portcullis_types::{GuardCode, Sensitive, Timestamp};
use serde::Serialize;

use super::refused;
use crate::{Portcullis, Result};

/// Claims of an access token of a session (RFC 9068 §2.2). Nothing else comes into it: what a user may do is asked when it is
/// used, never copied into a token.
#[derive(Serialize)]
struct AccessClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: [&'a str; 1],
    client_id: String,
    iat: i64,
    exp: i64,
    jti: &'a str,
    sid: &'a str,
    auth_time: i64,
    amr: &'a [String],
    scope: &'a str,
}

/// The answer to whoever signed in, or refreshed: a new access token of `session`, and what goes with it.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::Error::Unauthenticated) in the last fraction of the session's last second.
pub(super) fn token_body(
    portcullis: &Portcullis,
    session: &Session,
    user: &UserProfile,
    refresh_token: Option<Sensitive>,
) -> Result<TokenBody> {
    let policy = policy_of(portcullis, user);
    let now = portcullis.now();
    let exp = expiry(now, policy.access_token_secs, Some(session.absolute_expires_at))?;
    let public_url = portcullis.public_url();
    let claims = AccessClaims {
        iss: public_url,
        sub: &session.user_id,
        aud: [public_url],
        // The application is Portcullis itself. No client can be named so: a colon is in no client's id.
        client_id: format!("portcullis:{}", session.pool),
        iat: now.secs(),
        exp,
        jti: &portcullis.mint("at_")?,
        sid: &session.session_id,
        auth_time: session.auth_time.secs(),
        amr: &session.amr,
        scope: "openid profile email",
    };
    let signed = portcullis.sign(Algorithm::EdDsa, "at+jwt", &claims)?;
    Ok(TokenBody {
        access_token: Sensitive::new(signed),
        token_type: "Bearer".to_owned(),
        expires_in: policy.access_token_secs.min(exp.saturating_sub(now.secs())),
        refresh_token,
        user: auth_user(user),
    })
}

/// `exp` of a token that is good for `lifetime_secs` from now on, but not after the session's last instant.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::Error::Unauthenticated) in the last fraction of the session's last second.
pub(crate) fn expiry(now: Timestamp, lifetime_secs: i64, last: Option<Timestamp>) -> Result<i64> {
    // Up to the next whole second: a token that is good for one second is not over at once.
    let wanted = ceil_secs(now.plus_secs(lifetime_secs));
    let exp = last.map_or(wanted, |last| wanted.min(ceil_secs(last)));
    if Timestamp::from_secs(exp) <= now {
        return Err(refused(GuardCode::TokenExpired, "the session has timed out"));
    }
    Ok(exp)
}

/// How long this user's sessions and tokens live.
pub(crate) fn policy_of(portcullis: &Portcullis, user: &UserProfile) -> SessionPolicy {
    portcullis.inner.settings.sessions.for_user(user.token_configuration.as_ref())
}

pub(super) fn auth_user(user: &UserProfile) -> AuthUser {
    AuthUser {
        id: user.user_id.clone(),
        email: user.email.clone(),
        name: user.name.clone(),
        email_verified: user.email_verified,
    }
}

fn ceil_secs(at: Timestamp) -> i64 {
    at.micros().saturating_add(999_999).div_euclid(1_000_000)
}
