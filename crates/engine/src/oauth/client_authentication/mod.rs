//! Client authentication (RFC 6749 §2.3, RFC 7523 §2.2): which application sends this request?
//!
//! A request proves it in exactly one way, and in the one that the application is registered with (TK-22). Who is unknown and
//! who is not believed get the same answer. A secret costs one digest and no look-up; an assertion costs a signature and one write,
//! because each is good once.

mod assertion;
mod presented;

use std::borrow::Cow;
use std::sync::Arc;

use portcullis_types::application::{Application, ClientAuthenticationMethod};

use self::presented::{Presented, Proof};
use super::{OAuthError, Parameters};
use crate::Portcullis;

/// An application that proved to be itself, or a public one that says who it is.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient {
    /// Its settings.
    pub application: Arc<Application>,
    /// How it proved it: its registered method.
    pub method: ClientAuthenticationMethod,
}

/// Finds out which application sends a request to an endpoint of OAuth. `authorization` is the value of that header, `parameters` are
/// those of the body. Of public applications only the id is known: whatever a public application may do, everybody may.
///
/// # Errors
/// `invalid_client` (401, with `WWW-Authenticate: Basic`) for everybody who is unknown or not believed; `invalid_request` when several
/// ways are tried at once; `temporarily_unavailable` when storage does not answer.
pub async fn authenticate_client(
    portcullis: &Portcullis,
    authorization: Option<&str>,
    parameters: &Parameters,
) -> Result<AuthenticatedClient, OAuthError> {
    let presented = Presented::read(authorization, parameters)?;
    let method = presented.proof.method();
    let found = portcullis.registered(&presented.client_id).await?;
    let found =
        found.filter(|found| found.application.authentication_method == method).ok_or_else(unknown)?;
    match presented.proof {
        Proof::Nothing => {}
        Proof::Basic(secret) if found.has_secret(secret.expose()) => {}
        Proof::Post(secret) if found.has_secret(secret) => {}
        Proof::Basic(_) | Proof::Post(_) => return Err(unknown()),
        Proof::Assertion(token) => assertion::check(portcullis, &found, token).await?,
    }
    Ok(AuthenticatedClient { application: Arc::clone(&found.application), method })
}

/// The one answer for whoever is not known and whoever is not believed.
fn unknown() -> OAuthError {
    refused("the client is unknown, or did not prove to be itself by its registered method")
}

fn refused(description: impl Into<Cow<'static, str>>) -> OAuthError {
    OAuthError::invalid_client(description)
}
