use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis::{Error, sign_in};
use portcullis_types::auth::ResetPasswordBody;

use super::fault::Fault;
use super::field::Field;
use super::layout::Layout;
use super::refusal::Refused;
use super::render::{page, render};
use super::submission::{PageAttempt, PageQuery, Submission};
use super::{Browser, forgot_password, login};

pub(super) const PATH: &str = "/reset-password";

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ResetPage {
    layout: Layout,
    fault: Option<Fault>,
    token: String,
    new_password: Field,
}

page!(ResetPage);

/// The form, for whoever opened the link of a mail.
pub(super) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Result<Response, Refused> {
    if query.given("token").is_none() {
        return Err(dead_link());
    }
    page(&browser, query.text("token"), None).await
}

/// Sets the password. A password that is not taken leaves the link good.
pub(super) async fn reset(
    PageAttempt(Submission { browser, form }): PageAttempt,
) -> Result<Response, Refused> {
    let body = ResetPasswordBody { token: form.secret("token"), new_password: form.secret("new_password") };
    match sign_in::reset_password(browser.portcullis(), &browser.cx(), body).await {
        Ok(()) => Ok(browser.see_other(&format!("{}?notice=password-reset", login::PATH))),
        Err(Error::Invalid(field)) if field.field == "token" => Err(dead_link()),
        Err(error) => {
            let fault = Fault::of(error, &browser)?;
            page(&browser, form.text("token"), Some(fault)).await
        }
    }
}

fn dead_link() -> Refused {
    let text = "It works once, and for ten minutes. Ask for another one.";
    Refused::new(StatusCode::BAD_REQUEST, "This link does not work any more", text)
        .way_out(forgot_password::PATH, "Get another link")
}

async fn page(browser: &Browser, token: &str, fault: Option<Fault>) -> Result<Response, Refused> {
    let offer = sign_in::offer(browser.portcullis(), None).await;
    let offer = offer.map_err(|error| Refused::of(error, browser.request_id()))?;
    let new_password = Field::new_password("new_password", "New password", offer.password_min_length);
    let mut new_password = new_password.focused(fault.is_none());
    if let Some(fault) = &fault {
        fault.mark(&mut [&mut new_password]);
    }
    let status = fault.as_ref().map_or(StatusCode::OK, Fault::status);
    let layout = Layout::new(browser, "Choose a new password");
    let page = ResetPage { layout, fault, token: token.to_owned(), new_password };
    let response = render(browser, status, &page);
    Ok(match &page.fault {
        Some(fault) => fault.finish(response),
        None => response,
    })
}
