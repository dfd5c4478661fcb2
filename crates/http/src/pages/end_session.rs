use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth::end_session::{self, EndSession};
use portcullis::oauth::{OAuthError, Parameters};

use super::again::again_by_get;
use super::layout::Layout;
use super::refusal::Refused;
use super::render::{page, render};
use super::submission::Submission;
use super::{Browser, signed_out};
use crate::routes::oauth::{Form, OAuthRefusal};

/// Where applications send browsers to sign out (OpenID Connect RP-Initiated Logout 1.0 §2).
pub(super) const PATH: &str = "/oauth2/logout";
/// Where the answer of the page goes.
pub(super) const CONFIRM: &str = "/oauth2/logout/confirm";

#[derive(Template)]
#[template(path = "end_session.html")]
struct EndSessionPage {
    layout: Layout,
    /// Which application asks; empty if it is not known.
    application: String,
    user: String,
    /// The request as it came. It is looked at anew when it comes back.
    request: String,
}

page!(EndSessionPage);

/// Signs the browser out, or asks on a page.
pub(super) async fn show(browser: Browser, uri: Uri) -> Response {
    let query = uri.query().unwrap_or_default().to_owned();
    let parameters = Parameters::parse(query.as_bytes());
    begin(browser, parameters).await
}

/// The same for a form of the application's. Whatever it holds is not our page's answer. A form that came without cookies says nothing
/// of who is signed in: it is asked for again by GET, and takes no cookie away (SE-08).
pub(super) async fn show_by_post(browser: Browser, form: Result<Form, OAuthRefusal>) -> Response {
    let unreadable = || super::submission::unreadable().into_response();
    match form {
        Ok(Form(parameters)) if browser.is_new() => {
            again_by_get(PATH, parameters.to_form().as_bytes()).unwrap_or_else(unreadable)
        }
        Ok(Form(parameters)) => begin(browser, Ok(parameters)).await,
        Err(_unreadable) => unreadable(),
    }
}

/// Does what the person said yes to.
pub(super) async fn confirm(Submission { browser, form }: Submission) -> Response {
    let parameters = match Parameters::parse(form.text("request").as_bytes()) {
        Ok(parameters) => parameters,
        Err(error) => return refuse(&browser, &error),
    };
    let session = browser.session.as_ref().map(|signed_in| &signed_in.session);
    match end_session::confirm(browser.portcullis(), &parameters, session, browser.device.clone()).await {
        Ok(EndSession::Done { redirect_uri }) => gone(browser, redirect_uri),
        Ok(EndSession::Ask { .. }) => browser.see_other(signed_out::PATH),
        Err(error) => refuse(&browser, &error),
    }
}

async fn begin(browser: Browser, parameters: Result<Parameters, OAuthError>) -> Response {
    let parameters = match parameters {
        Ok(parameters) => parameters,
        Err(error) => return refuse(&browser, &error),
    };
    let session = browser.session.as_ref().map(|signed_in| &signed_in.session);
    let portcullis = browser.portcullis();
    match end_session::begin(portcullis, &parameters, session, browser.device.clone()).await {
        Ok(EndSession::Done { redirect_uri }) => gone(browser, redirect_uri),
        Ok(EndSession::Ask { application_name, redirect_uri }) => {
            let user = browser.session.as_ref().map(|signed_in| &signed_in.user);
            let user = user.and_then(|user| user.email.clone().or_else(|| user.name.clone()));
            let page = EndSessionPage {
                layout: Layout::new(&browser, "Sign out?")
                    .leading_to(redirect_uri.as_deref().unwrap_or_default()),
                application: application_name.unwrap_or_default(),
                user: user.unwrap_or_default(),
                request: parameters.to_form(),
            };
            render(&browser, StatusCode::OK, &page)
        }
        Err(error) => refuse(&browser, &error),
    }
}

/// Forgets the cookie, and goes on to where the application said, or to our own page.
fn gone(mut browser: Browser, redirect_uri: Option<String>) -> Response {
    browser.signed_out();
    match redirect_uri {
        Some(registered) => browser.redirect(&registered),
        None => browser.see_other(signed_out::PATH),
    }
}

/// A page, whatever the request said about where to go (AS-22).
fn refuse(browser: &Browser, error: &OAuthError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let refused = if status.is_server_error() {
        tracing::error!(error = error as &dyn std::error::Error, "a request to sign out failed");
        Refused::internal()
    } else {
        let text = format!("The application sent something that we do not accept: {}.", error.description);
        Refused::new(status, "You cannot sign out this way", text)
    };
    browser.finish(refused.way_out("/account", "Your account").into_response())
}
