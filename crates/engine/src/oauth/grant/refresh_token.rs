use std::sync::Arc;

use portcullis_domain::ApplicationPart;
use portcullis_types::Sensitive;
use portcullis_types::application::{Application, GrantTypeName};
use portcullis_types::oauth::TokenResponse;

use super::super::claims::ClaimsRequest;
use super::super::issue::{Tokens, require_audience, wanted_audience};
use super::super::scope::invalid;
use super::super::{OAuthError, OAuthErrorCode, Parameters, ScopeSet, may_use, to_the_end};
use super::{GrantType, TokenRequest};
use crate::Portcullis;
use crate::change::Unit;
use crate::session::{Device, Found, Rotation, alive, end_family, find, policy_of, rotate};

/// New tokens for a refresh token, which is used up and replaced (RFC 6749 §6, RFC 9700 §4.14). A second use within the grace gives
/// the same successor, a later one ends the session. The scope may be less than what was granted, for this answer; the audience is
/// the one that was granted. Nothing is given that the application could not be granted today.
pub(super) const GRANT: GrantType =
    GrantType { name: GrantTypeName::RefreshToken, run: |request| Box::pin(run(request)) };

async fn run(request: TokenRequest<'_>) -> Result<TokenResponse, OAuthError> {
    let text = Sensitive::new(request.parameters.required("refresh_token")?);
    let (portcullis, device) = (request.portcullis.clone(), request.device.clone());
    let (application, parameters) = (Arc::clone(&request.client.application), request.parameters.clone());
    to_the_end(async move { refresh(&portcullis, &device, &application, &parameters, &text).await }).await
}

async fn refresh(
    portcullis: &Portcullis,
    device: &Device,
    application: &Application,
    parameters: &Parameters,
    text: &Sensitive,
) -> Result<TokenResponse, OAuthError> {
    let Found { held, session, .. } = find(portcullis, text).await?;
    // Whoever else has it got it from somewhere, but proves nothing by it: the family goes on.
    let part = session.application.filter(|part| part.client_id == application.application_id);
    let part = part.ok_or_else(|| OAuthError::invalid_grant("the refresh token is not known"))?;
    let scope = narrowed(application, parameters, &part)?;
    let mut unit = Unit::begin(portcullis, &device.cx(&session.user_id)).await?;
    let (session, user) = alive(&mut unit, &session.session_id).await?;
    let grace = application.exceptions.refresh_grace_secs.map(i64::from);
    let grace = grace.unwrap_or_else(|| policy_of(portcullis, &user).refresh_grace_secs);
    match rotate(&mut unit, &held, session, grace).await? {
        Rotation::Next { token, session } => {
            // Behind the look at reuse, which ends the family whatever the application may have today. Nothing is used up by a refusal.
            require_audience(portcullis, application, &part.audience)?;
            if !may_use(application, &user) {
                return Err(OAuthError::invalid_grant("the user does not sign in to this application"));
            }
            scope.require_left(&part.scope)?;
            let request = part.claims.as_deref().map(ClaimsRequest::parse).transpose()?;
            let tokens = Tokens {
                application,
                session: &session,
                user: &user,
                scope: &scope,
                request: request.as_ref(),
                nonce: None,
                code: None,
            };
            let response = tokens.sign(portcullis, Some(token))?;
            unit.commit().await?;
            Ok(response)
        }
        Rotation::Reused(session) => Err(end_family(unit, &session).await?.into()),
    }
}

/// What this answer's tokens are good for: what is asked for, else all that was granted, without what the application may not ask
/// for any more.
fn narrowed(
    application: &Application,
    parameters: &Parameters,
    part: &ApplicationPart,
) -> Result<ScopeSet, OAuthError> {
    if wanted_audience(parameters)?.is_some_and(|wanted| wanted != part.audience) {
        let description = "the resource is not the one that was granted";
        return Err(OAuthError::new(OAuthErrorCode::InvalidTarget, description));
    }
    let granted = ScopeSet::left(&part.scope, application);
    match parameters.find("scope").map(ScopeSet::read).transpose()? {
        Some(wanted) if !wanted.is_subset_of(&granted) => Err(invalid("more than what was granted")),
        Some(wanted) => Ok(wanted),
        None => Ok(granted),
    }
}
