use portcullis_store::{SessionStanding, UserStanding};

use super::BrowserSession;
use super::cookie::session_of;
use crate::session::standing::judge;
use crate::{Portcullis, Result};

/// Who is signed in with the browser that sent this cookie. `None` for a cookie that is not known, a session that has ended or
/// timed out, and a user who may not sign in. Read from storage every time: it holds on every node at once.
///
/// # Errors
/// Only when storage does not answer, which is neither yes nor no.
pub async fn current(portcullis: &Portcullis, cookie: &str) -> Result<Option<BrowserSession>> {
    let now = portcullis.now();
    let mut snapshot = portcullis.read().await?;
    let queries = snapshot.queries();
    let Some(session_id) = session_of(queries, cookie).await? else { return Ok(None) };
    let Some(session) = queries.session(&session_id).await? else { return Ok(None) };
    let Some(user) = queries.user(&session.user_id).await? else { return Ok(None) };
    drop(snapshot);
    let (disabled_at, not_before) = (user.disabled_at, user.not_before);
    let standing = UserStanding { pool: user.pool.clone(), disabled_at, not_before };
    let standing = SessionStanding { session, user: Some(standing), revoked_from: None };
    let Ok(good) = judge(Some(standing), &user.user_id, now) else { return Ok(None) };
    portcullis.note_session_use(&good.session, now);
    Ok(Some(BrowserSession { session: good.session, user }))
}
