use portcullis_domain::{Session, UserProfile};

use super::cookie::{renew, session_of};
use super::{BrowserSession, SignedIn, sign_out};
use crate::change::Unit;
use crate::session::{self, Device, Opening};
use crate::{Error, Portcullis, Result};

/// How people prove who they are here (RFC 8176).
const AMR: &[&str] = &["pwd"];

/// Who enters, and the cookie that their browser sent, if it sent one.
pub(super) struct Entering<'a> {
    pub(super) user_id: &'a str,
    pub(super) device: &'a Device,
    pub(super) replaces: Option<&'a str>,
}

/// Ends the session of a browser that is about to be somebody else's.
pub(super) async fn make_way(portcullis: &Portcullis, entering: &Entering<'_>) -> Result<()> {
    let Some(cookie) = entering.replaces else { return Ok(()) };
    let mut snapshot = portcullis.read().await?;
    let Some(session_id) = session_of(snapshot.queries(), cookie).await? else { return Ok(()) };
    let owner = snapshot.queries().session(&session_id).await?.map(|session| session.user_id);
    drop(snapshot);
    if owner.is_some_and(|owner| owner != entering.user_id) {
        sign_out(portcullis, entering.device.clone(), cookie).await?;
    }
    Ok(())
}

/// Signs a browser in, as a part of the transaction that took its user's word: with the session that it had, if that was the
/// same user's and is alive, else with a new one. Whoever calls has called [`make_way`] before the transaction.
pub(super) async fn enter(unit: &mut Unit, entering: &Entering<'_>) -> Result<SignedIn> {
    let (session, user) = match own_session(unit, entering).await? {
        Some(known) => prove_again(unit, known).await?,
        None => {
            let Entering { user_id, device, .. } = *entering;
            session::open_alone(unit, Opening { user_id, amr: AMR, device }).await?
        }
    };
    let cookie = renew(unit, &session).await?;
    Ok(SignedIn { browser: BrowserSession { session, user }, cookie })
}

async fn own_session(unit: &mut Unit, entering: &Entering<'_>) -> Result<Option<(Session, UserProfile)>> {
    let Some(cookie) = entering.replaces else { return Ok(None) };
    // The user's lock comes first, as everywhere.
    unit.queries().user_for_update(entering.user_id).await?;
    let Some(session_id) = session_of(unit.queries(), cookie).await? else { return Ok(None) };
    match session::alive(unit, &session_id).await {
        Ok((session, user)) if user.user_id == entering.user_id => Ok(Some((session, user))),
        Ok(_) | Err(Error::Unauthenticated { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn prove_again(
    unit: &mut Unit,
    (session, user): (Session, UserProfile),
) -> Result<(Session, UserProfile)> {
    let now = unit.portcullis().now();
    let mut session = session.seen(now);
    session.auth_time = now.max(session.auth_time);
    session.amr = AMR.iter().map(|method| (*method).to_owned()).collect();
    unit.queries().put_session_seen(&session).await?;
    unit.queries().put_session_proven(&session).await?;
    unit.audit("session.prove", &session.session_id, Some(format!("by {}", session.amr.join(" "))));
    Ok((session, user))
}
