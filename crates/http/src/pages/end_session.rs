use askama::Template;
use axum::extract::RawQuery;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth::end_session::{self, EndSession};
use portcullis::oauth::{OAuthError, Parameters};

use super::again::again_by_post;
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
/// The query of a form that our own page sends once more. It says nothing about who sent it.
const ONCE_MORE: &str = "once-more";

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
/// of who is signed in: our own page sends it once more, and no cookie is taken away (SE-08). What still comes without them is from a
/// browser that has none.
pub(super) async fn show_by_post(
    browser: Browser,
    RawQuery(query): RawQuery,
    form: Result<Form, OAuthRefusal>,
) -> Response {
    let parameters = match form {
        Ok(Form(parameters)) => parameters,
        Err(OAuthRefusal::Failed(failure)) => {
            return Refused::failed(failure, browser.request_id()).into_response();
        }
        Err(OAuthRefusal::Refused(_)) => return super::submission::unreadable().into_response(),
    };
    if !browser.is_new() {
        return begin(browser, Ok(parameters)).await;
    }
    // Whatever the answer, it must not take the place of the cookies that were kept back.
    let browser = browser.unchanged();
    if query.as_deref() == Some(ONCE_MORE) {
        return begin(browser, Ok(parameters)).await;
    }
    match end_session::destination(browser.portcullis(), &parameters).await {
        Ok(redirect_uri) => {
            let action = format!("{PATH}?{ONCE_MORE}");
            again_by_post(&browser, &action, &parameters, redirect_uri.as_deref())
        }
        Err(error) => refuse(&browser, &error),
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
        Ok(EndSession::Ask { application_name, redirect_uri }) => {
            ask(&browser, &parameters, application_name, redirect_uri)
        }
        Err(error) => refuse(&browser, &error),
    }
}

/// To the question, for whoever opens the address where its answer goes.
pub(super) async fn back(browser: Browser) -> Response {
    browser.see_other(PATH)
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
            ask(&browser, &parameters, application_name, redirect_uri)
        }
        Err(error) => refuse(&browser, &error),
    }
}

fn ask(
    browser: &Browser,
    parameters: &Parameters,
    application_name: Option<String>,
    redirect_uri: Option<String>,
) -> Response {
    let user = browser.session.as_ref().map(|signed_in| &signed_in.user);
    let user = user.and_then(|user| user.email.clone().or_else(|| user.name.clone()));
    let page = EndSessionPage {
        layout: Layout::new(browser, "Sign out?").leading_to(redirect_uri.as_deref().unwrap_or_default()),
        application: application_name.unwrap_or_default(),
        user: user.unwrap_or_default(),
        request: parameters.to_form(),
    };
    render(browser, StatusCode::OK, &page)
}

/// Forgets the cookie that came, and goes on to where the application said, or to our own page.
fn gone(mut browser: Browser, redirect_uri: Option<String>) -> Response {
    if browser.cookie().is_some() {
        browser.signed_out();
    }
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
