use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis::sign_in::{Credentials, offer};
use portcullis::{Error, browser};

use super::destination::Destination;
use super::fault::Fault;
use super::field::Field;
use super::layout::Layout;
use super::notice::notice;
use super::refusal::Refused;
use super::render::{page, render};
use super::submission::{PageAttempt, PageQuery, Submission};
use super::{Browser, account};

pub(super) const PATH: &str = "/login";

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    layout: Layout,
    destination: Destination,
    notice: &'static str,
    fault: Option<Fault>,
    email: Field,
    password: Field,
    /// Who is signed in and must prove it again, or may become somebody else.
    signed_in_as: String,
    register: Option<String>,
    forgot: Option<String>,
}

page!(LoginPage);

/// The form. Whoever is signed in need not see it, unless they want to be somebody else (`switch`).
pub(super) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Result<Response, Refused> {
    let switch = query.given("switch").is_some();
    let destination = match Destination::of(&browser, query.given("request"), switch).await {
        Ok(destination) => destination,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let is_over = browser.session.is_some() && !switch && destination.request.is_empty();
    if is_over {
        return Ok(browser.see_other(account::PATH));
    }
    let shown = Shown { notice: notice(query.text("notice")), ..Shown::default() };
    page(&browser, destination, shown).await
}

/// Signs in, and leads on.
pub(super) async fn sign_in(
    PageAttempt(Submission { mut browser, form }): PageAttempt,
) -> Result<Response, Refused> {
    let destination = match Destination::of(&browser, form.given("request"), true).await {
        Ok(destination) => destination,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let email = form.trimmed("email").to_owned();
    let credentials = Credentials {
        pool: destination.pool.clone(),
        email: email.clone(),
        password: form.secret("password"),
    };
    let device = browser.device.clone();
    match browser::sign_in(browser.portcullis(), device, credentials, browser.cookie()).await {
        Ok(signed_in) => {
            browser.signed_in(signed_in);
            Ok(destination.go(&browser).await)
        }
        Err(error) => {
            let shown = Shown { email, fault: Some(fault(error, &browser)?), ..Shown::default() };
            page(&browser, destination, shown).await
        }
    }
}

fn fault(error: Error, browser: &Browser) -> Result<Fault, Refused> {
    match error {
        Error::InvalidCredentials => Ok(Fault::new(
            StatusCode::UNAUTHORIZED,
            "That did not work",
            "The e-mail address or the password is wrong.",
        )),
        Error::EmailNotVerified => Ok(Fault::new(
            StatusCode::FORBIDDEN,
            "Confirm your e-mail address first",
            "Your password is right. Open the link in the mail that we sent you; if it is too old, register once more with the \
             same address to get another one.",
        )),
        error => Fault::of(error, browser),
    }
}

/// What the form shows besides where it leads.
#[derive(Default)]
struct Shown {
    email: String,
    notice: &'static str,
    fault: Option<Fault>,
}

async fn page(browser: &Browser, destination: Destination, shown: Shown) -> Result<Response, Refused> {
    let Shown { email, notice, fault } = shown;
    let offer = offer(browser.portcullis(), destination.pool.as_deref()).await;
    let offer = offer.map_err(|error| Refused::of(error, browser.request_id()))?;
    let user = browser.session.as_ref().map(|session| &session.user);
    let signed_in_as = user.and_then(|user| user.email.clone()).unwrap_or_default();
    let hint = if destination.again { signed_in_as.clone() } else { destination.login_hint.clone() };
    let email = if email.is_empty() && fault.is_none() { hint } else { email };
    let known = !email.is_empty();
    let mut email = Field::email().value(email).focused(!known && fault.is_none());
    let mut password = Field::password("password", "Password").focused(known && fault.is_none());
    let status = fault.as_ref().map_or(StatusCode::OK, Fault::status);
    if let Some(fault) = &fault {
        fault.mark(&mut [&mut email, &mut password]);
    }
    let title = if destination.again { "Sign in again" } else { "Sign in" };
    let page = LoginPage {
        layout: Layout::new(browser, title).leading_to(&destination.redirect_uri),
        notice,
        email,
        password,
        signed_in_as,
        register: offer.registration.then(|| destination.path(super::register::PATH, "")),
        forgot: offer.mails.then(|| destination.path(super::forgot_password::PATH, "")),
        destination,
        fault,
    };
    let response = render(browser, status, &page);
    Ok(match &page.fault {
        Some(fault) => fault.finish(response),
        None => response,
    })
}
