use portcullis_types::guard::GuardBody;
use portcullis_types::{FieldError, GuardOutcome};

use super::pipeline::{self, Trust};
use crate::{Cx, Portcullis, Result};
use portcullis_domain::{ResourceTemplate, operation_name};

/// Where the rights are held that a calling service needs.
const RESOURCE: &str = "Portcullis:Guard";
/// The most questions of one call.
const MAX_ITEMS: usize = 50;

/// When a batch ends (the names are OpenID AuthZEN's).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Semantics {
    /// After the last question.
    #[default]
    ExecuteAll,
    /// After the first that is not allowed.
    DenyOnFirstDeny,
    /// After the first that is allowed.
    PermitOnFirstPermit,
}

/// Answers a service about one of its end users (spec `guard-request.md` §2.1). Whatever is wrong with the end user's token is an
/// outcome.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `guard:evaluate` on `Portcullis:Guard`;
/// [`Error::Invalid`](crate::Error::Invalid) for what only the service can have got wrong.
pub async fn ask(portcullis: &Portcullis, cx: &Cx, body: &GuardBody) -> Result<GuardOutcome> {
    checked(body)?;
    let trust = trust(portcullis, cx).await?;
    Ok(pipeline::run(portcullis, body.request(cx.request_id.as_deref()), trust).await)
}

/// The same for up to 50 questions, in their order. With `semantics` that end early there are fewer answers than questions.
///
/// # Errors
/// As [`ask`], for all of them.
pub async fn ask_many(
    portcullis: &Portcullis,
    cx: &Cx,
    bodies: &[GuardBody],
    semantics: Semantics,
) -> Result<Vec<GuardOutcome>> {
    if !(1..=MAX_ITEMS).contains(&bodies.len()) {
        return Err(FieldError::new("evaluations", format!("1 to {MAX_ITEMS} entries")).into());
    }
    for (index, body) in bodies.iter().enumerate() {
        checked(body).map_err(|error| error.under(&format!("evaluations[{index}]")))?;
    }
    let trust = trust(portcullis, cx).await?;
    let mut outcomes = Vec::with_capacity(bodies.len());
    for body in bodies {
        let outcome = pipeline::run(portcullis, body.request(cx.request_id.as_deref()), trust).await;
        let allowed = outcome.is_allowed();
        outcomes.push(outcome);
        match semantics {
            Semantics::DenyOnFirstDeny if !allowed => break,
            Semantics::PermitOnFirstPermit if allowed => break,
            _ => {}
        }
    }
    Ok(outcomes)
}

/// What the calling service is trusted with.
async fn trust(portcullis: &Portcullis, cx: &Cx) -> Result<Trust> {
    let rights = portcullis.rights(cx).await?;
    rights.require("guard:evaluate", RESOURCE)?;
    Ok(Trust {
        explain: rights.holds("guard:explain", RESOURCE),
        skip_billing: rights.holds("guard:skip_billing", RESOURCE),
        any_account: rights.holds("guard:any_account", RESOURCE),
    })
}

/// What is wrong with a question is told to the service, and not made a refusal of its user.
fn checked(body: &GuardBody) -> std::result::Result<(), FieldError> {
    if let Some(operation) = &body.operation {
        operation_name("operation", operation)?;
    }
    let Some(resource) = &body.resource else { return Ok(()) };
    let parts = [("resource.type", &resource.kind), ("resource.id", &resource.id)];
    for (field, part) in parts {
        if part.as_ref().is_some_and(|part| !ResourceTemplate::is_segment(part)) {
            return Err(FieldError::new(field, "one segment of a resource URI, without a wildcard"));
        }
    }
    Ok(())
}
