//! The one place where refusals of a guard become answers (spec `guard-request.md` §2, §5.5, §7.2).

use axum::Json;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use portcullis_types::guard::GuardStage;
use portcullis_types::{FieldError, GuardCode, GuardOutcome};
use serde_json::{Value, json};

use super::answer::AnswerForm;
use super::credential::CredentialRefusal;
use crate::ProblemResponse;
use crate::challenge::Challenge;

/// Where the types of problems are named; the last segment is the code with hyphens.
const PROBLEMS: &str = "https://github.com/portcullis-iam/portcullis/problems/";

/// Why a request does not go on, as a response.
///
/// The body is `{"detail", "errorCode", "requestId"}`, or problem details (RFC 9457) when `Accept` prefers
/// `application/problem+json`, and always for 402. `errorCode` is a [`GuardCode`], or one of these:
///
/// | status | `errorCode` | when |
/// |---|---|---|
/// | 400 | `invalid_request` | two credentials, one header twice, or a token in the query |
/// | 403 | `csrf_failed` | a cookie on a request that changes something, without the CSRF token |
/// | 404 | `not_found` | refused, on an operation that hides what exists |
/// | 431 | `header_too_large` | a header of more than 16 KiB |
/// | 500 | `internal_error` | a route that asks, but is not behind a [`GuardLayer`](crate::GuardLayer) |
///
/// 401 always has `WWW-Authenticate`; 429 and 503 always have `Retry-After`, in whole seconds.
#[derive(Clone, Debug)]
pub struct GuardRefusal {
    why: Why,
    form: AnswerForm,
}

#[derive(Clone, Debug)]
enum Why {
    Outcome(Box<GuardOutcome>),
    Credential(CredentialRefusal),
    NoLayer,
}

impl GuardRefusal {
    pub(super) fn outcome(outcome: GuardOutcome, form: AnswerForm) -> Self {
        Self { why: Why::Outcome(Box::new(outcome)), form }
    }

    pub(super) fn credential(refusal: CredentialRefusal, form: AnswerForm) -> Self {
        Self { why: Why::Credential(refusal), form }
    }

    pub(super) fn no_layer(form: AnswerForm) -> Self {
        tracing::error!("a route that asks for a user or an operation is not behind a GuardLayer");
        Self { why: Why::NoLayer, form }
    }

    /// What the guard said, if it was asked.
    pub fn as_outcome(&self) -> Option<&GuardOutcome> {
        match &self.why {
            Why::Outcome(outcome) => Some(outcome),
            Why::Credential(_) | Why::NoLayer => None,
        }
    }

    fn problem(&self) -> ProblemResponse {
        let problem = match &self.why {
            Why::Outcome(outcome) => of_outcome(outcome),
            Why::Credential(refusal) => of_credential(*refusal),
            Why::NoLayer => problem(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "internal failure"),
        };
        problem
            .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
            .of_request(&self.form.request_id)
    }
}

impl IntoResponse for GuardRefusal {
    fn into_response(self) -> Response {
        let problem = self.problem();
        // Who has to pay is told what, which only problem details have room for.
        if self.form.problem || problem.status() == StatusCode::PAYMENT_REQUIRED {
            return problem.into_response();
        }
        let body = json!({
            "detail": problem.problem().detail,
            "errorCode": problem.problem().error_code,
            "requestId": problem.problem().error_id,
        });
        let mut response = (problem.status(), Json(body)).into_response();
        for (name, value) in problem.headers() {
            response.headers_mut().append(name, value.clone());
        }
        response
    }
}

/// The challenge for a credential that names nobody, on a route that serves guests too (RFC 6750 §3).
pub(super) fn invalid_token(outcome: &GuardOutcome) -> HeaderValue {
    Challenge::refused("invalid_token", outcome.error.as_deref()).value()
}

fn of_credential(refusal: CredentialRefusal) -> ProblemResponse {
    let invalid = |field: &str, expected: &str| {
        let refused = FieldError::new(field, expected);
        problem(StatusCode::BAD_REQUEST, "invalid_request", &refused.to_string()).with_field(refused)
    };
    match refusal {
        CredentialRefusal::Several => invalid(
            "Authorization",
            "one credential: one Authorization header, or one X-Api-Key, or one cookie",
        ),
        CredentialRefusal::InQuery => invalid("access_token", "the token in the Authorization header"),
        CredentialRefusal::TooLarge => problem(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "header_too_large",
            "a header that holds a credential has more than 16 KiB",
        ),
        CredentialRefusal::Csrf => problem(
            StatusCode::FORBIDDEN,
            "csrf_failed",
            "a request that changes something with a cookie needs the CSRF token in its header",
        ),
    }
}

fn of_outcome(outcome: &GuardOutcome) -> ProblemResponse {
    // An answer that says neither yes nor why not is no yes.
    let code = outcome.error_code.unwrap_or(GuardCode::Unknown);
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    if outcome.hide_existence && code.stage() == GuardStage::Authorization && status == StatusCode::FORBIDDEN
    {
        return problem(StatusCode::NOT_FOUND, "not_found", "Not Found");
    }
    let detail = outcome.error.as_deref().unwrap_or("the request was refused");
    let problem = problem(status, code.as_str(), detail);
    match status {
        StatusCode::PAYMENT_REQUIRED => payment_required(problem, code, outcome),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            problem.with_header(RETRY_AFTER, retry_after(outcome))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => match challenge(code, outcome) {
            Some(challenge) => problem.with_header(WWW_AUTHENTICATE, challenge.value()),
            None => problem,
        },
        _ => problem,
    }
}

fn challenge(code: GuardCode, outcome: &GuardOutcome) -> Option<Challenge> {
    let said = |challenge: Challenge, name: &str, key: &str| match outcome.details.get(key) {
        Some(Value::String(value)) => challenge.with(name, value),
        Some(Value::Number(value)) => challenge.with(name, &value.to_string()),
        Some(Value::Array(values)) => {
            let words: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            challenge.with(name, &words.join(" "))
        }
        _ => challenge,
    };
    let error = outcome.error.as_deref();
    match code {
        // No credential was sent: no error (RFC 6750 §3.1).
        GuardCode::TokenMissing => Some(Challenge::new()),
        // RFC 9470 §3.
        GuardCode::MfaRequired => {
            let challenge = Challenge::refused("insufficient_user_authentication", error);
            Some(said(said(challenge, "acr_values", "acrValues"), "max_age", "maxAge"))
        }
        // RFC 6750 §3.1.
        GuardCode::InsufficientScope => {
            Some(said(Challenge::refused("insufficient_scope", error), "scope", "scope"))
        }
        code if code.status() == 401 => Some(Challenge::refused("invalid_token", error)),
        _ => None,
    }
}

/// Whole seconds, at least one.
fn retry_after(outcome: &GuardOutcome) -> HeaderValue {
    let seconds = outcome.details.get("retryAfter");
    // A part of a second is a second: who comes back too early is refused again.
    let seconds =
        seconds.and_then(|value| value.as_u64().or_else(|| value.as_f64().map(|value| value.ceil() as u64)));
    HeaderValue::from(seconds.unwrap_or(1).max(1))
}

/// Spec `guard-request.md` §5.5.
fn payment_required(problem: ProblemResponse, code: GuardCode, outcome: &GuardOutcome) -> ProblemResponse {
    let mut members: Vec<(&str, Value)> = Vec::new();
    if let Some(billing) = &outcome.billing {
        members.push(("required", json!(billing.required)));
        members.push(("currency", json!(billing.currency)));
        members.extend(billing.available.map(|available| ("available", json!(available))));
        members.extend(billing.billing_account_id.as_ref().map(|id| ("billingAccountId", json!(id))));
    }
    members.extend(outcome.operation.as_ref().map(|operation| ("operation", json!(operation))));
    for name in ["feature", "currentPlan", "upgradeUrl", "topUpUrl"] {
        members.extend(outcome.details.get(name).map(|value| (name, value.clone())));
    }
    let kind = format!("{PROBLEMS}{}", code.as_str().replace('_', "-"));
    members
        .into_iter()
        .fold(problem.with_type(kind), |problem, (name, value)| problem.with_member(name, value))
}

fn problem(status: StatusCode, code: &str, detail: &str) -> ProblemResponse {
    let title = status.canonical_reason().unwrap_or("Refused");
    ProblemResponse::new(status, title, code).with_detail(detail)
}
