use std::sync::Arc;

use portcullis_domain::{AuthorizationCode, EndReason};
use portcullis_types::application::{Application, GrantTypeName};
use portcullis_types::oauth::TokenResponse;

use super::super::authorize::{code::PREFIX, pkce};
use super::super::issue::wanted_audience;
use super::super::{
    ClaimsRequest, Granted, OAuthError, OAuthErrorCode, Parameters, ScopeSet, issue, to_the_end,
};
use super::{GrantType, TokenRequest};
use crate::Portcullis;
use crate::change::Unit;
use crate::opaque_token::OpaqueToken;
use crate::session::{Device, close};

/// Tokens for a code (RFC 6749 §4.1.3), once. A second use of it ends the session that the first one opened, with all its tokens: somebody
/// else has seen the code (AS-08). Another client's code stays as it is, and so does one that is presented with another redirect URI or
/// verifier. Whoever it is of must be active, and still signed in with the browser that it came from.
pub(super) const GRANT: GrantType =
    GrantType { name: GrantTypeName::AuthorizationCode, run: |request| Box::pin(run(request)) };

async fn run(request: TokenRequest<'_>) -> Result<TokenResponse, OAuthError> {
    let TokenRequest { portcullis, client, parameters, device } = request;
    parameters.required("redirect_uri")?;
    let text = parameters.required("code")?;
    let token = OpaqueToken::parse(text, PREFIX).ok_or_else(unknown)?;
    let found = portcullis.read().await?.queries().code(token.id()).await?;
    // One that is older was another application's, which had this id before.
    let is_theirs = |code: &AuthorizationCode| {
        let application = &client.application;
        code.client_id == application.application_id && code.issued_at >= application.created_at
    };
    let code = found.filter(|code| token.has_digest(code.digest) && is_theirs(code)).ok_or_else(unknown)?;
    // Of one that was used, only that is looked at.
    if code.used_at.is_none() {
        check(portcullis, &code, parameters)?;
    }
    let redemption = Redemption {
        portcullis: portcullis.clone(),
        application: Arc::clone(&client.application),
        device: device.clone(),
        text: text.to_owned(),
        code,
    };
    to_the_end(redemption.run()).await
}

/// Checks that the code is presented as it was asked for (AS-10).
fn check(
    portcullis: &Portcullis,
    code: &AuthorizationCode,
    parameters: &Parameters,
) -> Result<(), OAuthError> {
    if portcullis.now() >= code.expires_at {
        return Err(OAuthError::invalid_grant("the code has expired"));
    }
    if parameters.find("redirect_uri") != Some(&code.granted.redirect_uri) {
        return Err(OAuthError::invalid_grant("redirect_uri is not the one that the code was sent to"));
    }
    pkce::verify(code.granted.challenge.as_deref(), parameters.find("code_verifier"))?;
    if wanted_audience(parameters)?.is_some_and(|wanted| wanted != code.granted.audience) {
        let description = "the resource is not the one that the code was asked for with";
        return Err(OAuthError::new(OAuthErrorCode::InvalidTarget, description));
    }
    Ok(())
}

/// One use of a code that was this client's a moment ago.
struct Redemption {
    portcullis: Portcullis,
    application: Arc<Application>,
    device: Device,
    text: String,
    code: AuthorizationCode,
}

impl Redemption {
    async fn run(self) -> Result<TokenResponse, OAuthError> {
        let Self { portcullis, application, device, text, code } = self;
        let mut unit = Unit::begin(&portcullis, &device.cx(&code.user_id)).await?;
        // The user's lock comes first, as everywhere: the second of two uses at once waits here.
        unit.queries().user_for_update(&code.user_id).await?;
        if !unit.queries().use_code(&code.code_id, portcullis.now()).await? {
            return Err(used_again(unit, &code.code_id).await?);
        }
        let scope = ScopeSet::parse(&code.granted.scope, &application)?;
        let claims = code.granted.claims.as_deref().map(ClaimsRequest::parse).transpose()?;
        let granted = Granted {
            application: &application,
            user_id: &code.user_id,
            scope: &scope,
            audience: &code.granted.audience,
            auth_time: code.auth_time,
            amr: &code.granted.amr,
            browser_session: Some(&code.browser_session),
            nonce: code.granted.nonce.as_deref(),
            claims: claims.as_ref(),
            code: Some(&text),
            device: &device,
        };
        let issued = issue(&mut unit, granted).await?;
        unit.queries().put_code_session(&code.code_id, &issued.session_id).await?;
        unit.commit().await?;
        Ok(issued.response)
    }
}

/// Ends the session that the first use of a code opened, and gives the refusal.
async fn used_again(mut unit: Unit, code_id: &str) -> Result<OAuthError, OAuthError> {
    let Some(session_id) = unit.queries().code(code_id).await?.and_then(|code| code.session_id) else {
        return Ok(unknown());
    };
    if let Some(session) = unit.queries().session_for_update(&session_id).await? {
        close(&mut unit, &session, EndReason::CodeReuse).await?;
        unit.commit().await?;
        tracing::warn!(session = session_id, "an authorization code was used again: its session was ended");
    }
    Ok(OAuthError::invalid_grant("the code was used before"))
}

/// The same for a code that never was, is another client's, or is in another form.
fn unknown() -> OAuthError {
    OAuthError::invalid_grant("the code is not known")
}
