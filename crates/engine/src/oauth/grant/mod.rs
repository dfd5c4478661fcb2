//! Grants (RFC 6749 §1.3), one file each. A grant is registered by its line in [`GRANTS`], which the token endpoint and discovery read.

mod authorization_code;
mod client_credentials;
mod device_code;
mod refresh_token;

use portcullis_types::BoxFuture;
use portcullis_types::application::GrantTypeName;
use portcullis_types::oauth::TokenResponse;

use super::{AuthenticatedClient, OAuthError, OAuthErrorCode, Parameters, authenticate_client, ready};
use crate::session::Device;
use crate::{Cx, Portcullis};

/// A request to the token endpoint by a client that has proven to be itself and may use the grant.
#[derive(Clone, Copy)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) portcullis: &'a Portcullis,
    pub(crate) client: &'a AuthenticatedClient,
    pub(crate) parameters: &'a Parameters,
    /// What sent it, in the form that is stored.
    pub(crate) device: &'a Device,
}

/// One way to come by tokens.
pub(crate) struct GrantType {
    /// `grant_type`.
    pub(crate) name: GrantTypeName,
    /// What it does.
    pub(crate) run: for<'a> fn(TokenRequest<'a>) -> BoxFuture<'a, Result<TokenResponse, OAuthError>>,
}

/// Every grant there is. There is no implicit grant and no password grant, and none can be configured (RFC 9700 §2.1.2, §2.4).
pub(crate) static GRANTS: &[GrantType] =
    &[authorization_code::GRANT, refresh_token::GRANT, client_credentials::GRANT, device_code::GRANT];

/// Gives a client tokens (RFC 6749 §3.2). `authorization` is the request's header of that name.
///
/// # Errors
/// `unsupported_grant_type`, `invalid_client`, `unauthorized_client`, and those of the grant.
pub async fn token(
    portcullis: &Portcullis,
    authorization: Option<&str>,
    parameters: &Parameters,
    device: Device,
) -> Result<TokenResponse, OAuthError> {
    let wanted = parameters.required("grant_type")?;
    let Some(grant) = GRANTS.iter().find(|grant| grant.name.as_str() == wanted) else {
        return Err(OAuthError::new(OAuthErrorCode::UnsupportedGrantType, "there is no such grant type"));
    };
    let client = authenticate_client(portcullis, authorization, parameters).await?;
    if !client.application.has_grant_type(grant.name) {
        let description = "this application may not use this grant type";
        return Err(OAuthError::new(OAuthErrorCode::UnauthorizedClient, description));
    }
    // Of an application that was stored by an older program.
    ready(portcullis, &Cx::nobody(None), client.application.signing_algorithm).await?;
    let device = device.accepted()?;
    (grant.run)(TokenRequest { portcullis, client: &client, parameters, device: &device }).await
}
