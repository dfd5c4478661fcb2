//! Whether a person is asked before an application is given anything, and what.

use portcullis_types::application::Application;

use super::advance::signed_in_since;
use super::request::Request;
use super::step::ConsentQuestion;
use crate::browser::BrowserSession;
use crate::{Portcullis, Result};

/// What has to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    Nothing,
    /// Whether it may have what it asks for.
    Consent,
    /// Whether it is the one that they have just used: of an application that nobody has to be asked about.
    Confirmation,
}

/// An application of our own is trusted; any other is asked about once, and again when it wants more (AZ-14).
///
/// Behind a redirect URI of a private-use scheme may be any program of the device that took the scheme for itself. So a public
/// application with one gets nothing that its person does not see: what they allowed before does not count, and of an application of our
/// own they confirm it, unless they have just signed in for it (RFC 8252 §8.6).
pub(super) async fn asking(
    portcullis: &Portcullis,
    application: &Application,
    request: &Request,
    browser: &BrowserSession,
) -> Result<Asking> {
    if request.prompt.consent {
        return Ok(Asking::Consent);
    }
    let unproven = !application.is_confidential() && is_private_use(&request.reply_to.redirect_uri);
    if application.first_party {
        let confirm = unproven && !signed_in_since(request, browser);
        return Ok(if confirm { Asking::Confirmation } else { Asking::Nothing });
    }
    if unproven {
        return Ok(Asking::Consent);
    }
    let (user_id, client_id) = (&browser.user.user_id, &application.application_id);
    let given = portcullis.read().await?.queries().consent(user_id, client_id, &request.audience).await?;
    let covered = given.is_some_and(|given| given.covers(request.scopes().iter(), application.created_at));
    Ok(if covered { Asking::Nothing } else { Asking::Consent })
}

/// What the person sees.
pub(super) fn question(
    application: &Application,
    request: &Request,
    browser: &BrowserSession,
) -> ConsentQuestion {
    let user = &browser.user;
    let named = user.email.as_ref().or(user.name.as_ref()).unwrap_or(&user.user_id);
    ConsentQuestion {
        application_name: application.name.clone(),
        redirect_host: host(&request.reply_to.redirect_uri).to_owned(),
        scopes: request.scopes().iter().map(str::to_owned).collect(),
        audience: request.audience.clone(),
        user: named.clone(),
    }
}

fn is_private_use(redirect_uri: &str) -> bool {
    !redirect_uri.starts_with("https:") && !redirect_uri.starts_with("http:")
}

/// The host of a redirect URI with its port, or its private-use scheme.
fn host(redirect_uri: &str) -> &str {
    let (scheme, rest) = redirect_uri.split_once(':').unwrap_or((redirect_uri, ""));
    match rest.strip_prefix("//") {
        Some(rest) if !is_private_use(redirect_uri) => rest.split(['/', '?']).next().unwrap_or_default(),
        _ => scheme,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_is_shown_by_its_host_or_its_scheme() {
        for (uri, expected) in [
            ("https://shop.example.org/cb?x=https://evil.example", "shop.example.org"),
            ("https://shop.example.org?x=1", "shop.example.org"),
            ("http://127.0.0.1:8400/cb", "127.0.0.1:8400"),
            ("com.example.app:/cb", "com.example.app"),
            ("com.example.app://bank.example/cb", "com.example.app"),
        ] {
            assert_eq!(host(uri), expected);
        }
    }
}
