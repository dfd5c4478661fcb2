use portcullis_types::oauth::TokenResponse;

use super::{
    ClaimsRequest, Granted, OAuthError, OAuthErrorCode, Parameters, ScopeSet, audience_of, issue, ready,
    to_the_end,
};
use crate::Portcullis;
use crate::change::Unit;
use crate::session::Device;

/// What a person grants an application, of whom the caller has made sure who they are and that they want it.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The application.
    pub client_id: String,
    /// The person.
    pub user_id: String,
    /// What for: scopes of the application, separated by spaces.
    pub scope: String,
    /// The one resource that the access tokens are for; the application's default if it is not said.
    pub resource: Option<String>,
    /// How they proved who they are (RFC 8176), just now.
    pub amr: Vec<String>,
    /// The browser session in which they did; what is granted ends with it, unless `offline_access` is.
    pub browser_session: Option<String>,
    /// What the ID token repeats.
    pub nonce: Option<String>,
    /// Claims that were asked for by name.
    pub claims: Option<ClaimsRequest>,
}

/// Gives an application its tokens without an authorization endpoint between: for programs that embed Portcullis and sign people in with
/// pages of their own.
///
/// # Errors
/// `invalid_client` for an application that is not there, `invalid_scope`, `invalid_target`; `invalid_grant` and `access_denied` for a person
/// who may not sign in to it.
pub async fn grant_access(
    portcullis: &Portcullis,
    device: Device,
    access: Access,
) -> Result<TokenResponse, OAuthError> {
    let application = portcullis.application(&access.client_id).await?;
    let application = application
        .ok_or_else(|| OAuthError::new(OAuthErrorCode::InvalidClient, "there is no such application"))?;
    let scope = ScopeSet::parse(&access.scope, &application)?;
    let named = access.resource.clone().map(|resource| ("resource".to_owned(), resource));
    let audience = audience_of(portcullis, &application, &Parameters::of(named)?)?;
    let (portcullis, device) = (portcullis.clone(), device.accepted()?);
    ready(&portcullis, &device.cx(&access.user_id), application.signing_algorithm).await?;
    to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &device.cx(&access.user_id)).await?;
        let granted = Granted {
            application: &application,
            user_id: &access.user_id,
            scope: &scope,
            audience: &audience,
            auth_time: portcullis.now(),
            amr: &access.amr,
            browser_session: access.browser_session.as_deref(),
            nonce: access.nonce.as_deref(),
            claims: access.claims.as_ref(),
            code: None,
            device: &device,
        };
        let issued = issue(&mut unit, granted).await?;
        unit.commit().await?;
        tracing::debug!(session = issued.session_id, "an application was given access");
        Ok(issued.response)
    })
    .await
}
