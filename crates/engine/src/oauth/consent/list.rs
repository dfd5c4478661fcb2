use std::collections::{BTreeMap, BTreeSet};

use portcullis_domain::Session;
use portcullis_types::consent::ConnectedApplication;

use super::management_resource;
use crate::access::checked;
use crate::session::is_own;
use crate::{Cx, Portcullis, Result};

/// How many are read at once.
const BATCH: u32 = 100;

/// Every application that a user allowed something, or that has a session of theirs, in the order of their ids. Everybody may see their
/// own.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) without READ on `Portcullis:Consents/{user_id}`;
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<Vec<ConnectedApplication>> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(user_id), is_own(cx, user_id), "user")?;
    let mut found = BTreeMap::new();
    let mut snapshot = portcullis.read().await?;
    let (mut client, mut audience) = (String::new(), String::new());
    loop {
        let batch = snapshot.queries().consents_of(user_id, (&client, &audience), BATCH).await?;
        let Some(last) = batch.last() else { break };
        (client, audience) = (last.client_id.clone(), last.audience.clone());
        for consent in batch {
            let one = entry(&mut found, &consent.client_id);
            one.scopes.extend(consent.scopes);
            one.audiences.insert(consent.audience);
            one.given_at = Some(one.given_at.map_or(consent.given_at, |at| at.min(consent.given_at)));
        }
    }
    for session in snapshot.queries().live_sessions(user_id, portcullis.now()).await? {
        add_session(&mut found, session);
    }
    let applications: Vec<String> = found.keys().cloned().collect();
    for (client_id, name) in snapshot.queries().application_names(&applications).await? {
        entry(&mut found, &client_id).name = name;
    }
    Ok(found.into_values().collect())
}

fn add_session(found: &mut BTreeMap<String, ConnectedApplication>, session: Session) {
    let Some(part) = session.application else { return };
    let one = entry(found, &part.client_id);
    one.scopes.extend(part.scope.split_whitespace().map(str::to_owned));
    one.audiences.insert(part.audience);
    one.last_used_at = one.last_used_at.max(Some(session.last_seen_at));
}

fn entry<'a>(
    found: &'a mut BTreeMap<String, ConnectedApplication>,
    client_id: &str,
) -> &'a mut ConnectedApplication {
    found.entry(client_id.to_owned()).or_insert_with(|| ConnectedApplication {
        application_id: client_id.to_owned(),
        name: client_id.to_owned(),
        scopes: BTreeSet::new(),
        audiences: BTreeSet::new(),
        given_at: None,
        last_used_at: None,
    })
}
