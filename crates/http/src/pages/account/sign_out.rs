use axum::response::Response;
use portcullis::{browser, session};

use super::member;
use crate::pages::refusal::Refused;
use crate::pages::signed_out;
use crate::pages::submission::Submission;

pub(crate) const PATH: &str = "/account/sign-out";
pub(crate) const EVERYWHERE: &str = "/account/sign-out-everywhere";

/// Signs this browser out.
pub(crate) async fn sign_out(Submission { mut browser, .. }: Submission) -> Result<Response, Refused> {
    if let Some(cookie) = browser.cookie() {
        let done = browser::sign_out(browser.portcullis(), browser.device.clone(), cookie).await;
        done.map_err(|error| Refused::of(error, browser.request_id()))?;
    }
    browser.signed_out();
    Ok(browser.see_other(signed_out::PATH))
}

/// Signs every device of whoever is signed in out.
pub(crate) async fn sign_out_everywhere(
    Submission { mut browser, .. }: Submission,
) -> Result<Response, Refused> {
    if let Err(elsewhere) = member(&browser) {
        return Ok(*elsewhere);
    }
    let done = session::log_out_everywhere(browser.portcullis(), &browser.cx()).await;
    done.map_err(|error| Refused::of(error, browser.request_id()))?;
    browser.signed_out();
    Ok(browser.see_other(signed_out::PATH))
}
