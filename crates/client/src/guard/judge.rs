//! Whether an answer may be believed: only a well-formed 200 that does not contradict itself allows anything.

use std::sync::Arc;

use portcullis_types::authress::ClientOptions;
use portcullis_types::{AuthError, Caller, GuardCode, GuardOutcome, GuardRequest};
use serde_json::Value;

use crate::{ClientError, Result};

/// What an application may act on: the server's answer, or a refusal in its place.
pub(super) fn believed(request: &GuardRequest<'_>, answered: Result<GuardOutcome>) -> GuardOutcome {
    match answered {
        Ok(outcome) if contradicts(request, &outcome) => {
            tracing::error!(
                request_id = outcome.request_id.as_deref(),
                "the guard's answer contradicts itself"
            );
            refused(request, "the guard's answer cannot be used")
        }
        Ok(outcome) => outcome,
        Err(error) => unanswered(request, &error),
    }
}

/// A yes with anything in it that says no, a no without a reason, or an answer about something else than was asked.
fn contradicts(request: &GuardRequest<'_>, outcome: &GuardOutcome) -> bool {
    let about_another = outcome.operation.as_deref().is_some_and(|said| Some(said) != request.operation);
    let well_formed = match outcome.allowed {
        true => outcome.is_allowed() && outcome.status_code == 200,
        false => outcome.error_code.is_some(),
    };
    about_another || !well_formed
}

/// Nothing is known: no, and not the end user's fault.
fn unanswered(request: &GuardRequest<'_>, error: &ClientError) -> GuardOutcome {
    if error.is_refusal() {
        // The application's own credential or question; its operators must hear of it.
        tracing::error!(error = error as &dyn std::error::Error, "the guard refuses this application");
    } else {
        tracing::warn!(error = error as &dyn std::error::Error, "the guard cannot be asked");
    }
    let mut outcome = refused(request, "the guard could not be asked");
    if let ClientError::Unavailable { retry_after: Some(retry_after), .. } = error {
        outcome.details.insert("retryAfter".to_owned(), Value::from(retry_after.as_secs()));
    }
    outcome
}

fn refused(request: &GuardRequest<'_>, error: &'static str) -> GuardOutcome {
    let mut outcome = GuardOutcome::refused(GuardCode::VerificationUnavailable, error);
    outcome.operation = request.operation.map(Arc::from);
    outcome.request_id = request.request_id.map(Arc::from);
    outcome
}

/// Who an outcome names.
pub(super) fn caller(outcome: &GuardOutcome) -> Result<Caller, AuthError> {
    if !outcome.is_authenticated {
        return Err(match outcome.error_code {
            Some(code) if !code.is_outage() => AuthError::Invalid { code, reason: reason(code) },
            _ => AuthError::Unavailable,
        });
    }
    let context = outcome.context.as_deref().ok_or(AuthError::Unavailable)?;
    if let Some(user) = &context.user {
        let session_id = context.session.as_ref().map(|session| Arc::from(&*session.id));
        return Ok(Caller::User { user_id: Arc::clone(&user.id), limited_by: None, session_id });
    }
    let client = context.client.as_ref().ok_or(AuthError::Unavailable)?;
    // Which key it was and what the client may without a record is the server's business: here it is nothing.
    let options = ClientOptions::default();
    Ok(Caller::Client { client_id: Arc::clone(&client.id), key_id: Arc::from(""), options })
}

/// A sentence for people, as the engine would say it.
const fn reason(code: GuardCode) -> &'static str {
    match code {
        GuardCode::TokenMissing => "no token",
        GuardCode::TokenMalformed => "not a token",
        GuardCode::TokenExpired => "the token has expired",
        GuardCode::TokenRevoked => "the token was revoked",
        GuardCode::UserInactive => "the user is not active",
        GuardCode::RateLimited => "too many requests",
        _ => "not a valid token",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yes() -> GuardOutcome {
        let mut outcome = GuardOutcome::passed(Arc::default(), Some(true));
        outcome.operation = Some("read_document".into());
        outcome
    }

    #[test]
    fn az_05_a_yes_that_contradicts_itself_is_an_outage() {
        let request = GuardRequest::new("t", "read_document");
        assert!(believed(&request, Ok(yes())).is_allowed());
        let spoil: [fn(&mut GuardOutcome); 7] = [
            |outcome| outcome.is_authenticated = false,
            |outcome| outcome.context = None,
            |outcome| outcome.is_authorized = Some(false),
            |outcome| outcome.has_sufficient_credits = Some(false),
            |outcome| outcome.error_code = Some(GuardCode::BillingUnavailable),
            |outcome| outcome.status_code = 403,
            |outcome| outcome.operation = Some("delete_document".into()),
        ];
        for (number, spoil) in spoil.into_iter().enumerate() {
            let mut outcome = yes();
            spoil(&mut outcome);
            let believed = believed(&request, Ok(outcome));
            assert!(!believed.allowed && believed.is_outage(), "{number}");
        }
        let mut no = yes();
        no.allowed = false;
        assert!(believed(&request, Ok(no)).is_outage(), "a no without a reason is no answer either");
    }

    #[test]
    fn az_05_no_error_allows() {
        let request = GuardRequest::new("t", "read_document");
        for status in [301, 400, 401, 403, 404, 429, 500, 503] {
            let outcome = believed(&request, Err(ClientError::of(status, None, b"")));
            assert_eq!(outcome.error_code, Some(GuardCode::VerificationUnavailable), "{status}");
            assert!(!outcome.is_allowed());
        }
        assert!(!believed(&request, Err(ClientError::Timeout)).is_allowed());
    }
}
