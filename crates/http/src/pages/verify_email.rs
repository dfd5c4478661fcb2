use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis::{Error, sign_in};

use super::layout::Layout;
use super::refusal::Refused;
use super::render::{page, render};
use super::submission::{PageAttempt, PageQuery, Submission};
use super::{Browser, account, login};

pub(super) const PATH: &str = "/verify-email";

#[derive(Template)]
#[template(path = "verify_email.html")]
struct VerifyPage {
    layout: Layout,
    token: String,
}

page!(VerifyPage);

/// A button: programs that look through mail follow every link, and must prove nobody's address.
pub(super) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Result<Response, Refused> {
    let token = query.given("token").ok_or_else(dead_link)?.to_owned();
    let page = VerifyPage { layout: Layout::new(&browser, "Confirm your e-mail address"), token };
    Ok(render(&browser, StatusCode::OK, &page))
}

/// Proves the address.
pub(super) async fn verify(
    PageAttempt(Submission { browser, form }): PageAttempt,
) -> Result<Response, Refused> {
    match sign_in::verify_email(browser.portcullis(), &browser.cx(), &form.secret("token")).await {
        Ok(()) => {
            let page = if browser.session.is_some() { account::PATH } else { login::PATH };
            Ok(browser.see_other(&format!("{page}?notice=email-verified")))
        }
        Err(Error::Invalid(_)) => Err(dead_link()),
        Err(error) => Err(Refused::of(error, browser.request_id())),
    }
}

fn dead_link() -> Refused {
    let text = "It works once, and for ten minutes. If your address is not confirmed yet, register once more with it to get \
                another one.";
    Refused::new(StatusCode::BAD_REQUEST, "This link does not work any more", text)
        .way_out(login::PATH, "Sign in")
}
