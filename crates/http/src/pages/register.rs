use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis::browser::Registered;
use portcullis::sign_in::{Offer, offer};
use portcullis::{Error, browser};
use portcullis_types::auth::RegisterBody;

use super::destination::Destination;
use super::fault::Fault;
use super::field::Field;
use super::layout::Layout;
use super::refusal::Refused;
use super::render::{page, render};
use super::submission::{PageAttempt, PageQuery, Submission};
use super::{Browser, login};

pub(super) const PATH: &str = "/register";

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    layout: Layout,
    destination: Destination,
    fault: Option<Fault>,
    name: Field,
    email: Field,
    password: Field,
    login: String,
}

#[derive(Template)]
#[template(path = "mail_sent.html")]
pub(super) struct MailSentPage {
    pub(super) layout: Layout,
    pub(super) text: &'static str,
    pub(super) login: String,
}

#[derive(Template)]
#[template(path = "closed.html")]
pub(super) struct ClosedPage {
    pub(super) layout: Layout,
    pub(super) text: &'static str,
    pub(super) login: String,
}

page!(RegisterPage, MailSentPage, ClosedPage);

/// The form; where registration is closed, that it is; and after it was sent with a mailer, where to look.
pub(super) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Result<Response, Refused> {
    let destination = match Destination::of(&browser, query.given("request"), true).await {
        Ok(destination) => destination,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    if query.given("sent").is_some() {
        let page = MailSentPage {
            layout: Layout::new(&browser, "Look into your mail"),
            text: "If this address can be used here, we have sent it a mail that says how to go on. The link in it works for ten \
                   minutes.",
            login: destination.path(login::PATH, ""),
        };
        return Ok(render(&browser, StatusCode::OK, &page));
    }
    let offer = offered(&browser, &destination).await?;
    Ok(page(&browser, &offer, destination, Shown::default()))
}

/// Registers, and leads on: signed in, or to the mail. The answer does not tell whether the address was taken where mails are sent
/// (AU-09).
pub(super) async fn register(
    PageAttempt(Submission { mut browser, form }): PageAttempt,
) -> Result<Response, Refused> {
    let destination = match Destination::of(&browser, form.given("request"), true).await {
        Ok(destination) => destination,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let offer = offered(&browser, &destination).await?;
    let (name, email) = (form.trimmed("name").to_owned(), form.trimmed("email").to_owned());
    let body = RegisterBody {
        email: email.clone(),
        password: form.secret("password"),
        name: Some(name.clone()).filter(|name| !name.is_empty()),
        pool: destination.pool.clone(),
    };
    let device = browser.device.clone();
    let registered = browser::register(browser.portcullis(), device, body, browser.cookie()).await;
    let fault = match registered {
        Ok(Registered::SignedIn(signed_in)) => {
            browser.signed_in(*signed_in);
            return Ok(destination.go(&browser).await);
        }
        Ok(Registered::MailBound) => return Ok(browser.see_other(&destination.path(PATH, "sent=1"))),
        // The page says that it is closed.
        Err(Error::RegistrationClosed) => None,
        Err(Error::EmailTaken) => {
            let words = "There is an account with this address already. Sign in, or use another one.";
            Some(Fault::of_field("email", words).with_status(StatusCode::CONFLICT))
        }
        Err(error) => Some(Fault::of(error, &browser)?),
    };
    Ok(page(&browser, &offer, destination, Shown { name, email, fault }))
}

async fn offered(browser: &Browser, destination: &Destination) -> Result<Offer, Refused> {
    let offered = offer(browser.portcullis(), destination.pool.as_deref()).await;
    offered.map_err(|error| Refused::of(error, browser.request_id()))
}

/// What the form shows besides where it leads.
#[derive(Default)]
struct Shown {
    name: String,
    email: String,
    fault: Option<Fault>,
}

fn page(browser: &Browser, offer: &Offer, destination: Destination, shown: Shown) -> Response {
    let login = destination.path(login::PATH, "");
    if !offer.registration {
        let page = ClosedPage {
            layout: Layout::new(browser, "Registration is closed"),
            text: "Accounts are made by whoever runs this service. Ask them for one, or sign in if you have one.",
            login,
        };
        return render(browser, StatusCode::FORBIDDEN, &page);
    }
    let Shown { name, email, fault } = shown;
    let mut name = Field::person().value(name).focused(fault.is_none());
    let mut email = Field::email().value(email);
    let mut password = Field::new_password("password", "Password", offer.password_min_length);
    if let Some(fault) = &fault {
        fault.mark(&mut [&mut name, &mut email, &mut password]);
    }
    let layout = Layout::new(browser, "Create an account").leading_to(&destination.redirect_uri);
    let status = fault.as_ref().map_or(StatusCode::OK, Fault::status);
    let page = RegisterPage { layout, destination, fault, name, email, password, login };
    let response = render(browser, status, &page);
    match &page.fault {
        Some(fault) => fault.finish(response),
        None => response,
    }
}
