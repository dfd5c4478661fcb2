use axum::http::StatusCode;
use axum::response::Response;
use portcullis::Error;
use portcullis::oauth::device;

use super::super::login;
use super::super::refusal::Refused;
use super::super::submission::Submission;
use super::{DONE, PATH as ENTRY};

pub(in crate::pages) const PATH: &str = "/device/decision";

/// Takes the answer: only `approve` is yes, and only `deny` is no.
pub(in crate::pages) async fn decide(Submission { browser, form }: Submission) -> Result<Response, Refused> {
    let approved = match form.text("decision") {
        "approve" => true,
        "deny" => false,
        _ => {
            let (title, text) = ("This request cannot be read", "Enter the code again, and choose.");
            let refused = Refused::new(StatusCode::BAD_REQUEST, title, text);
            return Err(refused.way_out(ENTRY, "Enter the code again"));
        }
    };
    let Some(session) = &browser.session else { return Ok(browser.see_other(login::PATH)) };
    let user_code = form.text("user_code");
    match device::decide(browser.portcullis(), session, user_code, approved, &browser.device).await {
        Ok(()) => {
            let result = if approved { "approved" } else { "denied" };
            Ok(browser.see_other(&format!("{DONE}?result={result}")))
        }
        Err(Error::Invalid(_)) => Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "This cannot be decided any more",
            "The code is too old, or it was decided before, or it was entered elsewhere. Begin again on your device.",
        )
        .way_out(ENTRY, "Enter another code")),
        Err(Error::Unauthenticated { code, .. }) if !code.is_outage() => {
            Ok(browser.see_other(login::PATH))
        }
        Err(error) => Err(Refused::of(error, browser.request_id())),
    }
}
