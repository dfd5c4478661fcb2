use portcullis_types::protected_resource::{AccessToken, VerifyAccessToken};
use portcullis_types::{AuthError, BoxFuture, Caller, GuardCode};

use crate::Portcullis;
use crate::bearer::Bearer;

/// What an API in this process needs to be a protected resource (`ProtectedResource` of `portcullis-tower`): it takes the access tokens
/// that this installation issued, of people and of applications, for whichever audience; for whom a token is, the API compares. What is
/// revoked is refused at once, as everywhere, and a token that was asked about before is answered from memory.
///
/// A token that is limited to statements is refused: a resource of somebody else sees its scopes and not its statements, so it would
/// pass for more than it is.
impl VerifyAccessToken for Portcullis {
    fn verify_access_token<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(async move { read(self, &self.issued(token).await?) })
    }
}

fn read(portcullis: &Portcullis, bearer: &Bearer) -> Result<AccessToken, AuthError> {
    if matches!(&bearer.caller, Caller::User { limited_by: Some(_), .. }) {
        return Err(AuthError::Invalid {
            code: GuardCode::TokenInvalid,
            reason: "the token is limited to statements",
        });
    }
    let facts = &bearer.facts;
    let mut claims = facts.claims.clone();
    claims.remove("sub");
    Ok(AccessToken::new(
        portcullis.public_url(),
        bearer.caller.principal(),
        facts.audience.clone(),
        facts.expires_at,
        claims,
    ))
}
