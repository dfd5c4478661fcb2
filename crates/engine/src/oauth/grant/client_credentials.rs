use portcullis_types::Sensitive;
use portcullis_types::application::GrantTypeName;
use portcullis_types::oauth::TokenResponse;

use super::super::scope::{about_people, invalid};
use super::super::{OAuthError, OAuthErrorCode, ScopeSet, access_token, audience_of};
use super::{GrantType, TokenRequest};

/// A token for what an application does for itself (RFC 6749 §4.4). Nothing is stored: it is refused before it expires once its id is
/// revoked, the application is deleted, or may not have the audience or a scope of it any more.
pub(super) const GRANT: GrantType = GrantType {
    name: GrantTypeName::ClientCredentials,
    run: |request| Box::pin(async move { run(request) }),
};

fn run(request: TokenRequest<'_>) -> Result<TokenResponse, OAuthError> {
    let application = &*request.client.application;
    if !application.is_confidential() {
        let description = "a public client has nothing to prove itself with";
        return Err(OAuthError::new(OAuthErrorCode::UnauthorizedClient, description));
    }
    let audience = audience_of(request.portcullis, application, request.parameters)?;
    let scope = match request.parameters.find("scope") {
        Some(wanted) => ScopeSet::parse(wanted, application)?,
        None => application.scopes.iter().map(String::as_str).filter(|scope| !about_people(scope)).collect(),
    };
    if scope.iter().any(about_people) {
        return Err(invalid("no person takes part, so that nothing can be said of one"));
    }
    let signed = access_token::of_application(request.portcullis, application, &scope, &audience)?;
    Ok(TokenResponse {
        access_token: Sensitive::new(signed.text),
        token_type: "Bearer".to_owned(),
        expires_in: signed.expires_in,
        refresh_token: None,
        id_token: None,
        scope: scope.told(),
    })
}
