use axum::response::Response;
use portcullis::{Error, session};

use super::{done, member};
use crate::pages::refusal::Refused;
use crate::pages::signed_out;
use crate::pages::submission::Submission;

pub(crate) const PATH: &str = "/account/sessions/end";

/// Signs one of their devices out; the one that asks, too.
pub(crate) async fn end_session(mut submission: Submission) -> Result<Response, Refused> {
    let Submission { browser, form } = &submission;
    let own = match member(browser) {
        Ok(member) => member.session.session_id.clone(),
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let session_id = form.text("session_id");
    match session::end(browser.portcullis(), &browser.cx(), session_id).await {
        // Whoever pressed twice gets what they wanted.
        Ok(()) | Err(Error::NotFound(_)) => {}
        Err(error) => return Err(Refused::of(error, browser.request_id())),
    }
    if session_id == own {
        submission.browser.signed_out();
        return Ok(submission.browser.see_other(signed_out::PATH));
    }
    Ok(done(&submission, "session-ended"))
}
