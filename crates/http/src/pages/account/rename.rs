use axum::response::Response;
use portcullis::user;

use super::show::{Wrong, page};
use super::{done, member};
use crate::pages::fault::Fault;
use crate::pages::refusal::Refused;
use crate::pages::submission::Submission;

pub(crate) const PATH: &str = "/account/name";

/// Changes the name of whoever is signed in.
pub(crate) async fn rename(submission: Submission) -> Result<Response, Refused> {
    let Submission { browser, form } = &submission;
    let member = match member(browser) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let typed = form.trimmed("name").to_owned();
    match user::rename(browser.portcullis(), &browser.cx(), &typed).await {
        Ok(()) => Ok(done(&submission, "renamed")),
        Err(error) => {
            let fault = Fault::of(error, browser)?;
            page(browser, member, "", Some(Wrong::Name { typed, fault })).await
        }
    }
}
