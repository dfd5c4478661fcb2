use std::sync::Arc;

use portcullis_domain::may_redirect_to;
use portcullis_types::application::Application;

use super::advance::advance;
use super::request::Request;
use super::{Refusal, Step, sealed};
use crate::Portcullis;
use crate::browser::BrowserSession;

/// Goes on with a request that waited, after its person has signed in, or because the page was loaded again.
pub async fn resume(
    portcullis: &Portcullis,
    request: &str,
    binding: &str,
    browser: Option<&BrowserSession>,
) -> Step {
    match reopened(portcullis, request, binding).await {
        Ok((application, request)) => advance(portcullis, &application, request, binding, browser).await,
        Err(refusal) => Step::Refuse(refusal),
    }
}

/// Opens a request. The application must still be there, and still have the redirect URI.
pub(super) async fn reopened(
    portcullis: &Portcullis,
    request: &str,
    binding: &str,
) -> Result<(Arc<Application>, Request), Refusal> {
    let request = sealed::open(portcullis, request, binding)?;
    let application = portcullis.application(&request.client_id).await?.ok_or(Refusal::UnknownApplication)?;
    if !may_redirect_to(&application, &request.reply_to.redirect_uri) {
        return Err(Refusal::UnknownRedirectUri);
    }
    Ok((application, request))
}
