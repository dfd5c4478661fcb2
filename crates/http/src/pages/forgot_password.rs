use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis::sign_in;
use portcullis_types::auth::ForgotPasswordBody;

use super::destination::Destination;
use super::fault::Fault;
use super::field::Field;
use super::layout::Layout;
use super::refusal::Refused;
use super::register::{ClosedPage, MailSentPage};
use super::render::{page, render};
use super::submission::{PageAttempt, PageQuery, Submission};
use super::{Browser, login};

pub(super) const PATH: &str = "/forgot-password";

#[derive(Template)]
#[template(path = "forgot_password.html")]
struct ForgotPage {
    layout: Layout,
    destination: Destination,
    fault: Option<Fault>,
    email: Field,
    login: String,
}

page!(ForgotPage);

/// The form; after it was sent, where to look: the same words whoever the address belongs to (AU-09).
pub(super) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Result<Response, Refused> {
    let destination = match Destination::of(&browser, query.given("request"), true).await {
        Ok(destination) => destination,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    if query.given("sent").is_some() {
        let page = MailSentPage {
            layout: Layout::new(&browser, "Look into your mail"),
            text: "If there is an account with this address, we have sent it a link to choose another password. The link works \
                   for ten minutes.",
            login: destination.path(login::PATH, ""),
        };
        return Ok(render(&browser, StatusCode::OK, &page));
    }
    page(&browser, destination, "", None).await
}

/// Sends the link, if there is somebody to send it to.
pub(super) async fn send(
    PageAttempt(Submission { browser, form }): PageAttempt,
) -> Result<Response, Refused> {
    let destination = match Destination::of(&browser, form.given("request"), true).await {
        Ok(destination) => destination,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let email = form.trimmed("email").to_owned();
    let body = ForgotPasswordBody { email: email.clone(), pool: destination.pool.clone() };
    match sign_in::forgot_password(browser.portcullis(), &browser.cx(), body).await {
        Ok(()) => Ok(browser.see_other(&destination.path(PATH, "sent=1"))),
        Err(error) => {
            let fault = Fault::of(error, &browser)?;
            page(&browser, destination, &email, Some(fault)).await
        }
    }
}

async fn page(
    browser: &Browser,
    destination: Destination,
    email: &str,
    fault: Option<Fault>,
) -> Result<Response, Refused> {
    let offer = sign_in::offer(browser.portcullis(), destination.pool.as_deref()).await;
    let offer = offer.map_err(|error| Refused::of(error, browser.request_id()))?;
    let login = destination.path(login::PATH, "");
    if !offer.mails {
        let page = ClosedPage {
            layout: Layout::new(browser, "Ask for a new password"),
            text: "This service sends no mail. Whoever runs it can give you a new password.",
            login,
        };
        return Ok(render(browser, StatusCode::NOT_FOUND, &page));
    }
    let mut email = Field::email().value(email).focused(fault.is_none());
    if let Some(fault) = &fault {
        fault.mark(&mut [&mut email]);
    }
    let status = fault.as_ref().map_or(StatusCode::OK, Fault::status);
    let layout = Layout::new(browser, "Forgot your password?");
    let page = ForgotPage { layout, destination, fault, email, login };
    let response = render(browser, status, &page);
    Ok(match &page.fault {
        Some(fault) => fault.finish(response),
        None => response,
    })
}
