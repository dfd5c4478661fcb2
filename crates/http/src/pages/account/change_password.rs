use axum::http::StatusCode;
use axum::response::Response;
use portcullis::{Error, browser};
use portcullis_types::auth::ChangePasswordBody;

use super::show::{Wrong, page};
use super::{done, member};
use crate::pages::fault::Fault;
use crate::pages::refusal::Refused;
use crate::pages::submission::{PageAttempt, Submission};

pub(crate) const PATH: &str = "/account/password";

/// Changes the password of whoever is signed in and knows the present one (SE-07). This browser gets another cookie; all others are
/// signed out.
pub(crate) async fn change_password(PageAttempt(mut submission): PageAttempt) -> Result<Response, Refused> {
    let Submission { browser, form } = &submission;
    let member = match member(browser) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let (current_password, new_password) = (form.secret("current_password"), form.secret("new_password"));
    let body = ChangePasswordBody { current_password, new_password };
    let of = (member, browser.cookie().unwrap_or_default());
    match browser::change_password(browser.portcullis(), browser.device.clone(), of, body).await {
        Ok(signed_in) => {
            submission.browser.signed_in(signed_in);
            Ok(done(&submission, "password-changed"))
        }
        Err(error) => {
            let fault = match error {
                Error::InvalidCredentials => {
                    let words = "That is not your present password.";
                    Fault::of_field("current_password", words).with_status(StatusCode::FORBIDDEN)
                }
                error => Fault::of(error, browser)?,
            };
            page(browser, member, "", Some(Wrong::Password(fault))).await
        }
    }
}
