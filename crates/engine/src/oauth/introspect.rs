use portcullis_domain::{ApplicationPart, SessionState};
use portcullis_types::application::Application;
use portcullis_types::oauth::Introspection;
use portcullis_types::{AuthError, Caller, Sensitive};
use serde_json::{Map, Value};

use super::{
    OAuthError, OAuthErrorCode, Parameters, ScopeSet, authenticate_client, may_have_audience, may_use,
};
use crate::bearer::Bearer;
use crate::session::{Found, find, is_refresh_token};
use crate::{Error, Portcullis};

/// Says what a token is worth to the application that asks (RFC 7662). It must be confidential, and prove to be itself.
///
/// An access token is told to the application that it was issued to, and to those that it is for: its audience is the
/// application's id or one of its `audiences`. So a resource server is an application with the resource among its `audiences`, of kind
/// `service` if it needs nothing else. A refresh token is told to the application that it was issued to alone, and so is no token that is
/// limited to statements. Of everything else only `active: false` is said (TK-20).
///
/// A token that was asked about before is answered from memory.
///
/// # Errors
/// `invalid_client`, `invalid_request`, and an outage, which is never `active: false`.
pub async fn introspect(
    portcullis: &Portcullis,
    authorization: Option<&str>,
    parameters: &Parameters,
) -> Result<Introspection, OAuthError> {
    let client = authenticate_client(portcullis, authorization, parameters).await?;
    let application = &*client.application;
    if !application.is_confidential() {
        return Err(OAuthError::invalid_client("a public client may not ask about tokens"));
    }
    let token = parameters.required("token")?;
    if is_refresh_token(token) {
        return of_refresh_token(portcullis, application, token).await;
    }
    let bearer = match portcullis.issued(token).await {
        Ok(bearer) => bearer,
        Err(AuthError::Invalid { .. }) => return Ok(Introspection::default()),
        Err(_) => {
            let description = "the token could not be checked";
            return Err(OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, description));
        }
    };
    if !may_know(application, &bearer) {
        return Ok(Introspection::default());
    }
    Ok(told(portcullis, &bearer))
}

/// Whether a token is any business of this application's.
fn may_know(application: &Application, bearer: &Bearer) -> bool {
    let own = application.application_id.as_str();
    if matches!(&bearer.caller, Caller::User { limited_by: Some(_), .. }) {
        // What it is limited to is not told here, so it would pass for more than it is.
        return false;
    }
    let is_for = |audience: &String| audience == own || application.audiences.contains(audience);
    bearer.facts.client_id() == Some(own) || bearer.facts.audience.iter().any(is_for)
}

fn told(portcullis: &Portcullis, bearer: &Bearer) -> Introspection {
    let facts = &bearer.facts;
    let text = |name: &str| facts.claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let said_above = |name: &str| matches!(name, "sub" | "scope" | "client_id");
    let more: Map<String, Value> = facts
        .claims
        .iter()
        .filter(|(name, _)| !said_above(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Introspection {
        active: true,
        scope: text("scope"),
        client_id: text("client_id"),
        token_type: Some("Bearer".to_owned()),
        exp: Some(facts.expires_at.secs()),
        iat: facts.issued_at.map(portcullis_types::Timestamp::secs),
        sub: Some(bearer.caller.principal().to_owned()),
        aud: facts.audience.first().cloned(),
        iss: Some(portcullis.public_url().to_owned()),
        jti: facts.token_id.clone(),
        more,
    }
}

async fn of_refresh_token(
    portcullis: &Portcullis,
    application: &Application,
    token: &str,
) -> Result<Introspection, OAuthError> {
    let found = match find(portcullis, &Sensitive::new(token)).await {
        Ok(found) => found,
        Err(Error::Unauthenticated { .. }) => return Ok(Introspection::default()),
        Err(error) => return Err(error.into()),
    };
    let Found { stored, session, .. } = found;
    let user = portcullis.read().await?.queries().user(&session.user_id).await?;
    let standing = user.filter(|user| {
        may_use(application, user) && user.not_before.is_none_or(|epoch| session.created_at >= epoch)
    });
    let good = standing.is_some()
        && stored.used_at.is_none()
        && session.state(portcullis.now()) == SessionState::Alive;
    let left = |part: ApplicationPart| {
        let scope = ScopeSet::left(&part.scope, application);
        let gives = part.client_id == application.application_id
            && may_have_audience(portcullis, application, &part.audience)
            && scope.require_left(&part.scope).is_ok();
        gives.then_some((part, scope))
    };
    match session.application.and_then(left) {
        Some((part, scope)) if good => Ok(Introspection {
            active: true,
            scope: scope.told(),
            client_id: Some(part.client_id),
            token_type: Some("refresh_token".to_owned()),
            exp: Some(session.idle_expires_at.min(session.absolute_expires_at).secs()),
            iat: Some(stored.issued_at.secs()),
            sub: Some(session.user_id),
            aud: Some(part.audience),
            iss: Some(portcullis.public_url().to_owned()),
            ..Introspection::default()
        }),
        _ => Ok(Introspection::default()),
    }
}
