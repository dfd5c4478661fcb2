use std::collections::{BTreeSet, HashMap};

use portcullis_domain::Session;
use portcullis_types::Caller;
use portcullis_types::auth::SessionBody;

use super::end::is_own;
use super::management_resource;
use crate::access::checked;
use crate::cx::Actor;
use crate::{Cx, Portcullis, Result};

/// A user's sessions that are alive, the last seen first: all of them, which are as many as a user may have. Everybody may see
/// their own.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) without READ on `Portcullis:Sessions/{user_id}`;
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<Vec<SessionBody>> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(user_id), is_own(cx, user_id), "user")?;
    let mut snapshot = portcullis.read().await?;
    let sessions = snapshot.queries().live_sessions(user_id, portcullis.now()).await?;
    let applications: BTreeSet<&str> = sessions.iter().filter_map(client_id).collect();
    let applications: Vec<String> = applications.into_iter().map(str::to_owned).collect();
    let names = match applications.is_empty() {
        true => Vec::new(),
        false => snapshot.queries().application_names(&applications).await?,
    };
    drop(snapshot);
    let names: HashMap<String, String> = names.into_iter().collect();
    let current = match &cx.actor {
        Actor::Caller(Caller::User { session_id, .. }) => session_id.as_deref(),
        _ => None,
    };
    Ok(sessions.into_iter().map(|session| wire(session, &names, current)).collect())
}

/// The application that has a session.
fn client_id(session: &Session) -> Option<&str> {
    session.application.as_ref().map(|part| part.client_id.as_str())
}

fn wire(session: Session, names: &HashMap<String, String>, current: Option<&str>) -> SessionBody {
    // One that is gone in this very moment is told by its id.
    let named = client_id(&session).map(|id| names.get(id).map_or(id, String::as_str).to_owned());
    SessionBody {
        application_name: named,
        current: current == Some(session.session_id.as_str()),
        id: session.session_id,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.idle_expires_at,
        device_name: session.device_name,
        user_agent: session.user_agent,
        ip: session.ip,
        application_id: session.application.map(|part| part.client_id),
    }
}
