use axum::response::Response;
use portcullis::Error;
use portcullis::oauth::consent;

use super::{done, member};
use crate::pages::refusal::Refused;
use crate::pages::submission::Submission;

pub(crate) const PATH: &str = "/account/applications/withdraw";

/// Takes back what whoever is signed in allowed an application: it is asked for again, and its tokens are good for nothing (AZ-14).
pub(crate) async fn withdraw(submission: Submission) -> Result<Response, Refused> {
    let Submission { browser, form } = &submission;
    let user_id = match member(browser) {
        Ok(member) => member.user.user_id.clone(),
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let client_id = form.text("client_id");
    match consent::withdraw(browser.portcullis(), &browser.cx(), &user_id, client_id).await {
        // Whoever pressed twice gets what they wanted.
        Ok(()) | Err(Error::NotFound(_)) => Ok(done(&submission, "withdrawn")),
        Err(error) => Err(Refused::of(error, browser.request_id())),
    }
}
