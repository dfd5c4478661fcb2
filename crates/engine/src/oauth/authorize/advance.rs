//! What a request waits for next: a sign-in, a consent, or nothing.

use portcullis_types::Sensitive;
use portcullis_types::application::Application;

use super::question::{Asking, asking, question};
use super::request::Request;
use super::step::{ConsentQuestion, Waiting};
use super::{Step, code, sealed};
use crate::browser::BrowserSession;
use crate::oauth::{OAuthError, OAuthErrorCode, may_use, pool_of};
use crate::{Portcullis, Result};

/// Takes a request as far as it goes without its person.
pub(super) async fn advance(
    portcullis: &Portcullis,
    application: &Application,
    request: Request,
    binding: &str,
    browser: Option<&BrowserSession>,
) -> Step {
    match next(portcullis, application, &request, browser).await {
        Ok(Next::SignIn) => match waiting(portcullis, application, &request, binding, browser.is_some()) {
            Ok(waiting) => Step::SignIn(waiting),
            Err(error) => Step::Respond(request.reply_to.error(portcullis, &error.into())),
        },
        Ok(Next::Ask(session_id, question)) => {
            let request = Request { asked: Some(session_id), ..request };
            match waiting(portcullis, application, &request, binding, false) {
                Ok(waiting) => Step::Consent { request: waiting, question },
                Err(error) => Step::Respond(request.reply_to.error(portcullis, &error.into())),
            }
        }
        Ok(Next::Code(issued)) => Step::Respond(request.reply_to.code(portcullis, issued.expose())),
        Err(error) => Step::Respond(request.reply_to.error(portcullis, &error)),
    }
}

/// The application's answer once a code was made, or could not be.
pub(super) fn answered(portcullis: &Portcullis, request: &Request, issued: Result<Sensitive>) -> Step {
    Step::Respond(match issued {
        Ok(code) => request.reply_to.code(portcullis, code.expose()),
        Err(error) => request.reply_to.error(portcullis, &error.into()),
    })
}

enum Next {
    SignIn,
    /// The session of whoever is asked, and what.
    Ask(String, ConsentQuestion),
    Code(Sensitive),
}

async fn next(
    portcullis: &Portcullis,
    application: &Application,
    request: &Request,
    browser: Option<&BrowserSession>,
) -> Result<Next, OAuthError> {
    let silently = |code, description: &'static str, otherwise| {
        if request.prompt.none { Err(OAuthError::new(code, description)) } else { Ok(otherwise) }
    };
    let Some(browser) = browser.filter(|browser| is_enough(application, request, browser)) else {
        if browser.is_some_and(|browser| is_somebody_else(request, browser)) {
            let description = "somebody else signed in than the application named";
            return Err(OAuthError::new(OAuthErrorCode::LoginRequired, description));
        }
        return silently(OAuthErrorCode::LoginRequired, "the person has to sign in", Next::SignIn);
    };
    if !request.is_met_by(browser) {
        let description = "the person cannot sign in as it is asked for";
        return Err(OAuthError::new(OAuthErrorCode::UnmetAuthenticationRequirements, description));
    }
    let ask = || {
        let session_id = browser.session.session_id.clone();
        Next::Ask(session_id, question(application, request, browser))
    };
    match asking(portcullis, application, request, browser).await? {
        Asking::Consent => silently(OAuthErrorCode::ConsentRequired, "the person has to consent", ask()),
        Asking::Confirmation => {
            silently(OAuthErrorCode::InteractionRequired, "the person has to confirm the application", ask())
        }
        Asking::Nothing => {
            let issued = code::issue(portcullis, application, request, browser, code::Consented::Before);
            Ok(Next::Code(issued.await?))
        }
    }
}

/// Whether somebody is signed in as the request wants it: in the application's user pool, as whom it named, and recently enough, which
/// is measured from when the request came (`prompt`, `max_age`: AS-17).
pub(super) fn is_enough(application: &Application, request: &Request, browser: &BrowserSession) -> bool {
    let (session, user) = (&browser.session, &browser.user);
    let wanted = request.subject.as_deref().is_none_or(|subject| subject == user.user_id);
    let recent = match request.max_age {
        Some(secs) => session.auth_time.plus_secs(secs.into()) >= request.created_at(),
        None => true,
    };
    let fresh = !request.prompt.sign_in || signed_in_since(request, browser);
    may_use(application, user) && session.pool == user.pool && wanted && recent && fresh
}

/// Whether they have proven who they are since the request came.
pub(super) fn signed_in_since(request: &Request, browser: &BrowserSession) -> bool {
    browser.session.auth_time >= request.created_at()
}

/// Whether they signed in for this request, and are not whom it names: asking them again would never end.
fn is_somebody_else(request: &Request, browser: &BrowserSession) -> bool {
    signed_in_since(request, browser)
        && request.subject.as_deref().is_some_and(|subject| subject != browser.user.user_id)
}

fn waiting(
    portcullis: &Portcullis,
    application: &Application,
    request: &Request,
    binding: &str,
    reauthenticate: bool,
) -> Result<Waiting> {
    Ok(Waiting {
        request: sealed::seal(portcullis, request, binding)?,
        login_hint: request.login_hint.clone(),
        reauthenticate,
        application_name: application.name.clone(),
        user_pool: pool_of(application).to_owned(),
        redirect_uri: request.reply_to.redirect_uri.clone(),
    })
}
