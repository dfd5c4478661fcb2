use std::sync::Arc;

use portcullis_types::guard::GuardBody;
use portcullis_types::{FieldError, GuardOutcome};

use super::context::GuardContext;
use super::pipeline::{self, GUARD, Trust};
use crate::access::Rights;
use crate::{Cx, Portcullis, Result};
use portcullis_domain::{ResourceTemplate, operation_name};

/// The most questions of one call.
const MAX_ITEMS: usize = 50;

/// An outcome, and its context as it was written for the last one.
#[derive(Debug)]
pub struct Answer {
    /// What is answered.
    pub outcome: GuardOutcome,
    pub(super) context: Option<Arc<GuardContext>>,
}

impl Answer {
    /// What `outcome.context` is in JSON. A context is written once, however many outcomes it is a part of.
    pub fn context_json(&self) -> Option<&str> {
        self.context.as_ref()?.json()
    }
}

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
    Ok(answer(portcullis, cx, body).await?.outcome)
}

/// The same for whoever writes outcomes as JSON.
///
/// # Errors
/// As [`ask`].
pub async fn answer(portcullis: &Portcullis, cx: &Cx, body: &GuardBody) -> Result<Answer> {
    checked(body)?;
    let rights = asking(portcullis, cx).await?;
    let request = body.request(cx.request_id.as_deref());
    Ok(pipeline::answer(portcullis, request, Trust::Service(&rights)).await)
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
    let rights = asking(portcullis, cx).await?;
    let trust = Trust::Service(&rights);
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

/// The rights of the calling service, which must have that to ask.
async fn asking(portcullis: &Portcullis, cx: &Cx) -> Result<Rights> {
    let rights = portcullis.rights(cx).await?;
    rights.require("guard:evaluate", GUARD)?;
    Ok(rights)
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
