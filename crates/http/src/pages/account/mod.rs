//! The account page: everything that people look after themselves. One page, and one file a button.

mod change_password;
mod end_session;
mod rename;
mod show;
mod sign_out;
mod withdraw;

use axum::response::Response;
pub(super) use change_password::{PATH as PASSWORD, change_password};
pub(super) use end_session::{PATH as END_SESSION, end_session};
use portcullis::browser::BrowserSession;
pub(super) use rename::{PATH as NAME, rename};
pub(crate) use show::PATH;
pub(super) use show::show;
pub(super) use sign_out::{
    EVERYWHERE as SIGN_OUT_EVERYWHERE, PATH as SIGN_OUT, sign_out, sign_out_everywhere,
};
pub(super) use withdraw::{PATH as WITHDRAW, withdraw};

use super::submission::Submission;
use super::{Browser, login};

/// Whoever is signed in; else the way to the sign-in.
fn member(browser: &Browser) -> Result<&BrowserSession, Box<Response>> {
    browser.session.as_ref().ok_or_else(|| Box::new(browser.see_other(login::PATH)))
}

/// The page, for whoever opens the address of one of its buttons: it stays in the browser when a form was refused.
pub(super) async fn back(browser: Browser) -> Response {
    browser.see_other(PATH)
}

/// Back to the page, which says what was done.
fn done(submission: &Submission, notice: &str) -> Response {
    submission.browser.see_other(&format!("{PATH}?notice={notice}"))
}
