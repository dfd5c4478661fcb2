use portcullis_domain::{EndReason, Session};
use portcullis_store::ChangeKind;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::cx::Actor;
use crate::{Cx, Error, Portcullis, Result};

/// Ends a session; everybody may end their own. Its tokens are refused at once on this node, and within a second on others.
///
/// # Errors
/// [`Error::NotFound`] for a session that is over or never was, also without UPDATE on `Portcullis:Sessions/{user}` of its user;
/// [`Error::Forbidden`] with READ alone; [`Error::Invalid`].
pub async fn end(portcullis: &Portcullis, cx: &Cx, session_id: &str) -> Result<()> {
    checked(portcullis_types::id::opaque_id, "sessionId", session_id)?;
    let (portcullis, cx, session_id) = (portcullis.clone(), cx.clone(), session_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let session = portcullis.read().await?.queries().session(&session_id).await?;
        let session = session.ok_or(Error::NotFound("session"))?;
        let own = is_own(&cx, &session.user_id);
        rights.require_on("UPDATE", &management_resource(&session.user_id), own, "session")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !close(&mut unit, &session, EndReason::Ended).await? {
            return Err(Error::NotFound("session"));
        }
        unit.commit().await
    })
    .await
}

/// Whether whoever asks is the user.
pub(crate) fn is_own(cx: &Cx, user_id: &str) -> bool {
    matches!(cx.actor, Actor::Caller(_)) && cx.name() == user_id
}

/// Ends a session as a part of a larger change, and with a person's own what applications were given in it, except for what was
/// granted `offline_access`. False: it was over before.
pub(crate) async fn close(unit: &mut Unit, session: &Session, reason: EndReason) -> Result<bool> {
    let now = unit.portcullis().now();
    let session_id = &session.session_id;
    if !unit.queries().end_session(session_id, reason, now).await? {
        return Ok(false);
    }
    ended(unit, session_id, reason);
    if session.application.is_none() {
        for given in unit.queries().end_sessions_from_browser(session_id, reason, now).await? {
            ended(unit, &given, reason);
        }
    }
    Ok(true)
}

fn ended(unit: &mut Unit, session_id: &str, reason: EndReason) {
    unit.changed(ChangeKind::Session, session_id);
    unit.audit("session.end", session_id, Some(reason.as_str().to_owned()));
}
