use super::advance::advance;
use super::request::{addressee, checked};
use super::{Refusal, Step};
use crate::Portcullis;
use crate::browser::BrowserSession;
use crate::oauth::{OAuthError, Parameters};

/// Begins with an authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2). `binding` is the text of a cookie that this
/// browser alone has, `browser` who is signed in with it.
///
/// Nothing is stored unless the answer is a code. What is refused before the application and its redirect URI are known is told to the
/// person; everything else is told to the application.
pub async fn begin(
    portcullis: &Portcullis,
    parameters: &Parameters,
    binding: &str,
    browser: Option<&BrowserSession>,
) -> Step {
    let (application, reply_to) = match addressee(portcullis, parameters).await {
        Ok(found) => found,
        Err(refusal) => return Step::Refuse(refusal),
    };
    match checked(portcullis, &application, reply_to.clone(), parameters).await {
        Ok(request) => advance(portcullis, &application, request, binding, browser).await,
        Err(error) => Step::Respond(reply_to.error(portcullis, &error)),
    }
}

/// Answers a request that could not be read (`error`: why; a parameter that came twice, above all, AS-19). The application is told, if
/// what says where its answer goes can be read all the same. `query` is what [`Parameters::parse`] refused.
pub async fn refuse_unreadable(portcullis: &Portcullis, query: &[u8], error: OAuthError) -> Step {
    let only = |names: &[&str]| {
        let wanted = |pair: &&[u8]| {
            names
                .iter()
                .any(|name| name.as_bytes() == pair.split(|byte| *byte == b'=').next().unwrap_or_default())
        };
        let pairs: Vec<&[u8]> = query.split(|byte| *byte == b'&').filter(wanted).collect();
        Parameters::parse(&pairs.join(&b'&'))
    };
    // Whatever of it came twice is left out, but for what says who is told.
    let known = only(&["client_id", "redirect_uri", "state", "response_mode"])
        .or_else(|_unreadable| only(&["client_id", "redirect_uri", "state"]))
        .or_else(|_unreadable| only(&["client_id", "redirect_uri"]));
    let Ok(parameters) = known else { return Step::Refuse(Refusal::Malformed(error)) };
    match addressee(portcullis, &parameters).await {
        Ok((_application, reply_to)) => Step::Respond(reply_to.error(portcullis, &error)),
        Err(refusal) => Step::Refuse(refusal),
    }
}
