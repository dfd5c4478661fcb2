use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis::browser::BrowserSession;
use portcullis::oauth::consent;
use portcullis::{session, sign_in};
use portcullis_types::auth::SessionBody;
use portcullis_types::consent::ConnectedApplication;

use super::member;
use crate::pages::Browser;
use crate::pages::fault::Fault;
use crate::pages::field::Field;
use crate::pages::layout::Layout;
use crate::pages::notice::notice;
use crate::pages::refusal::Refused;
use crate::pages::render::{page, render};
use crate::pages::submission::PageQuery;
use crate::pages::words::{Instant, device_words, scope_words};

pub(crate) const PATH: &str = "/account";

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    layout: Layout,
    notice: &'static str,
    /// What was wrong with the name, and with the password.
    name_fault: Option<Fault>,
    password_fault: Option<Fault>,
    greeting: String,
    email: String,
    email_verified: bool,
    name: Field,
    current_password: Field,
    new_password: Field,
    devices: Vec<DeviceLine>,
    applications: Vec<ApplicationLine>,
}

page!(AccountPage);

/// A session in the list.
struct DeviceLine {
    id: String,
    words: String,
    ip: String,
    signed_in: Instant,
    seen: Instant,
    current: bool,
}

/// An application in the list.
struct ApplicationLine {
    id: String,
    name: String,
    /// What it may do, in words.
    wishes: Vec<String>,
    given: Option<Instant>,
    used: Option<Instant>,
}

/// What was wrong with one of the forms of the page.
pub(super) enum Wrong {
    Name { typed: String, fault: Fault },
    Password(Fault),
}

/// The page, for whoever is signed in.
pub(crate) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Result<Response, Refused> {
    let member = match member(&browser) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    page(&browser, member, notice(query.text("notice")), None).await
}

/// The page with what was wrong.
pub(super) async fn page(
    browser: &Browser,
    member: &BrowserSession,
    notice: &'static str,
    wrong: Option<Wrong>,
) -> Result<Response, Refused> {
    let refused = |error| Refused::of(error, browser.request_id());
    let (portcullis, user) = (browser.portcullis(), &member.user);
    let offer = sign_in::offer(portcullis, Some(&user.pool)).await.map_err(refused)?;
    let sessions = session::list(portcullis, &browser.cx(), &user.user_id).await.map_err(refused)?;
    let applications = consent::list(portcullis, &browser.cx(), &user.user_id).await.map_err(refused)?;
    let (name, email) = (user.name.clone().unwrap_or_default(), user.email.clone().unwrap_or_default());
    let (typed, name_fault, password_fault) = match wrong {
        Some(Wrong::Name { typed, fault }) => (typed, Some(fault), None),
        Some(Wrong::Password(fault)) => (name.clone(), None, Some(fault)),
        None => (name.clone(), None, None),
    };
    let mut name_field = Field::person().value(typed);
    let mut current = Field::password("current_password", "Present password");
    let mut new = Field::new_password("new_password", "New password", offer.password_min_length);
    for fault in [&name_fault, &password_fault].into_iter().flatten() {
        fault.mark(&mut [&mut name_field, &mut current, &mut new]);
    }
    let page = AccountPage {
        layout: Layout::new(browser, "Your account"),
        notice,
        greeting: if name.is_empty() { email.clone() } else { name },
        email,
        email_verified: user.email_verified,
        name: name_field,
        current_password: current,
        new_password: new,
        // What applications were given in them is listed by application.
        devices: sessions.into_iter().filter(|session| session.application_id.is_none()).map(line).collect(),
        applications: applications.into_iter().map(application_line).collect(),
        name_fault,
        password_fault,
    };
    let fault = page.name_fault.as_ref().or(page.password_fault.as_ref());
    let status = fault.map_or(StatusCode::OK, Fault::status);
    let response = render(browser, status, &page);
    Ok(match fault {
        Some(fault) => fault.finish(response),
        None => response,
    })
}

fn line(session: SessionBody) -> DeviceLine {
    DeviceLine {
        words: device_words(session.device_name.as_deref(), session.user_agent.as_deref()),
        ip: session.ip.unwrap_or_default(),
        signed_in: Instant::of(session.created_at),
        seen: Instant::of(session.last_seen_at),
        current: session.current,
        id: session.id,
    }
}

fn application_line(application: ConnectedApplication) -> ApplicationLine {
    ApplicationLine {
        name: application.name,
        wishes: application.scopes.iter().map(|scope| scope_words(scope)).collect(),
        given: application.given_at.map(Instant::of),
        used: application.last_used_at.map(Instant::of),
        id: application.application_id,
    }
}
