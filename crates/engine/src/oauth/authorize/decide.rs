use super::advance::{advance, answered, is_enough};
use super::resume::reopened;
use super::{Step, code};
use crate::Portcullis;
use crate::browser::BrowserSession;
use crate::oauth::{OAuthError, OAuthErrorCode};

/// Goes on with a request whose person has answered [`Step::Consent`]. An answer counts only if this very user was asked in this
/// browser, and is still signed in as the request wants it; else it is as if nothing was answered.
pub async fn decide(
    portcullis: &Portcullis,
    request: &str,
    binding: &str,
    browser: &BrowserSession,
    approved: bool,
) -> Step {
    let (application, request) = match reopened(portcullis, request, binding).await {
        Ok(found) => found,
        Err(refusal) => return Step::Refuse(refusal),
    };
    let was_asked = request.asked.as_deref() == Some(browser.session.session_id.as_str());
    if !was_asked || !is_enough(&application, &request, browser) || !request.is_met_by(browser) {
        return advance(portcullis, &application, request, binding, Some(browser)).await;
    }
    if !approved {
        let error = OAuthError::new(OAuthErrorCode::AccessDenied, "the person said no");
        return Step::Respond(request.reply_to.error(portcullis, &error));
    }
    let issued = code::issue(portcullis, &application, &request, browser, code::Consented::Now).await;
    answered(portcullis, &request, issued)
}
