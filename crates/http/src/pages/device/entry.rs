use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis::Error;
use portcullis::browser::BrowserSession;
use portcullis::oauth::device::{DeviceQuestion, look_up};

use super::super::fault::Fault;
use super::super::field::Field;
use super::super::layout::Layout;
use super::super::refusal::{Refused, wait_words};
use super::super::render::{page, render};
use super::super::submission::{PageAttempt, PageQuery, Submission};
use super::super::words::{Instant, acts_at, device_words, scope_words};
use super::super::{Browser, login};
use super::{WayBack, asked, member, sign_in};

pub(in crate::pages) const PATH: &str = "/device";

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    layout: Layout,
    user_code: Field,
    /// Where the person is signed in.
    pool: String,
    user: String,
    switch: String,
    fault: Option<Fault>,
}

#[derive(Template)]
#[template(path = "device_confirm.html")]
struct ConfirmPage {
    layout: Layout,
    question: DeviceQuestion,
    /// Who asks, in words, and from where.
    device: String,
    address: String,
    at: Instant,
    wishes: Vec<String>,
    /// Whom its token is for; empty if it only tells who somebody is.
    audience: String,
}

page!(DevicePage, ConfirmPage);

/// The form, with the code that is in the address. Whoever is not signed in does that first.
pub(in crate::pages) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Response {
    let way = asked(&query);
    match member(&browser, &way) {
        Some(session) => form(&browser, session, &way, None),
        None => sign_in(&browser, &way),
    }
}

/// Takes the code, and asks.
pub(in crate::pages) async fn enter(
    PageAttempt(Submission { browser, form: sent }): PageAttempt,
) -> Result<Response, Refused> {
    let way = asked(&sent);
    let Some(session) = member(&browser, &way) else { return Ok(sign_in(&browser, &way)) };
    match look_up(browser.portcullis(), session, &way.code(), &browser.device).await {
        Ok(question) => Ok(confirm(&browser, question)),
        Err(Error::Unauthenticated { code, .. }) if !code.is_outage() => Ok(sign_in(&browser, &way)),
        Err(error) => {
            let fault = fault(error).map_err(|error| Refused::of(error, browser.request_id()))?;
            Ok(form(&browser, session, &way, Some(fault)))
        }
    }
}

fn form(browser: &Browser, session: &BrowserSession, way: &WayBack, fault: Option<Fault>) -> Response {
    let user = &session.user;
    let named = user.email.as_ref().or(user.name.as_ref()).unwrap_or(&user.user_id);
    let mut field = Field::user_code().value(way.code()).focused(fault.is_none());
    let status = fault.as_ref().map_or(StatusCode::OK, Fault::status);
    if let Some(fault) = &fault {
        fault.mark(&mut [&mut field]);
    }
    let page = DevicePage {
        layout: Layout::new(browser, "Sign in a device"),
        user_code: field,
        pool: way.pool.clone(),
        user: named.clone(),
        switch: format!("{}?request={}&switch=1", login::PATH, way.request()),
        fault,
    };
    let response = render(browser, status, &page);
    match &page.fault {
        Some(fault) => fault.finish(response),
        None => response,
    }
}

fn confirm(browser: &Browser, question: DeviceQuestion) -> Response {
    let title = format!("Sign in {}?", question.application_name);
    let page = ConfirmPage {
        layout: Layout::new(browser, title),
        device: device_words(None, question.user_agent.as_deref()),
        address: question.ip.clone().unwrap_or_default(),
        at: Instant::of(question.requested_at),
        audience: acts_at(question.audience.clone(), browser.portcullis().public_url()),
        wishes: question.scopes.iter().map(|scope| scope_words(scope)).collect(),
        question,
    };
    render(browser, StatusCode::OK, &page)
}

/// The same words for every code that does not work (DV-01). What a form cannot say comes back.
fn fault(error: Error) -> portcullis::Result<Fault> {
    match error {
        Error::Invalid(_) => Ok(Fault::of_field(
            "user_code",
            "This code does not work. Compare it with the one on your device; if it is more than a few minutes old, begin again \
             there.",
        )),
        Error::TooManyAttempts { retry_after_secs } => {
            let wait = wait_words(retry_after_secs.into());
            let text = format!("No more codes are taken for a while. Try again {wait}.");
            let fault = Fault::new(StatusCode::TOO_MANY_REQUESTS, "Too many wrong codes", text);
            Ok(fault.with_retry_after(retry_after_secs))
        }
        error => Err(error),
    }
}
