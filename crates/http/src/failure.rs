//! What a use case refuses, as a problem (spec `authress-api.md` §1.4). The one place where engine errors become statuses.

use std::error::Error as _;
use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portcullis::Error;
use portcullis::oauth::{OAuthError, OAuthErrorCode};
use portcullis_tower::{BearerRefusal, ProblemResponse, RequestId};
use portcullis_types::credits::CreditShortage;
use portcullis_types::{FieldError, GuardCode, Timestamp};

use crate::routes::oauth::uncached;

/// What a 401 says about how to come back when no token was refused (RFC 6750 §3).
pub(crate) const CHALLENGE: &str = r#"Bearer realm="portcullis""#;

/// A refusal on its way out. As a response it is only a status and this value as an extension: `observe` knows the request's
/// id and writes the body, with [`Failure::finish`].
#[derive(Clone, Debug)]
pub(crate) struct Failure(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    problem: ProblemResponse,
    /// For the log only.
    cause: Option<Arc<Error>>,
}

impl Failure {
    pub(crate) fn new(problem: ProblemResponse) -> Self {
        Self(Box::new(Inner { problem, cause: None }))
    }

    /// 400: this part of the request cannot be accepted.
    pub(crate) fn invalid(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::new(ProblemResponse::invalid(FieldError::new(field, expected)))
    }

    /// 404: there is no such thing.
    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(ProblemResponse::new(StatusCode::NOT_FOUND, "Not found", "NotFound").with_detail(detail))
    }

    /// 413: the body is longer than `limit` bytes.
    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(too_large().with_field(FieldError::new("body", format!("at most {limit} bytes"))))
    }

    /// 408: the body did not come in time. The connection ends with it: what is still to come could not be told from the next request.
    pub(crate) fn too_slow() -> Self {
        let problem = ProblemResponse::new(StatusCode::REQUEST_TIMEOUT, "Request timeout", "RequestTimeout")
            .with_detail("the body took too long");
        Self::new(problem.with_header(header::CONNECTION, HeaderValue::from_static("close")))
    }

    /// 500, for what is our fault. The cause, if there is one, goes to the log.
    pub(crate) fn internal(cause: Option<Error>) -> Self {
        let problem =
            ProblemResponse::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error", "InternalError")
                .with_detail("the log holds more under this errorId");
        Self(Box::new(Inner { problem, cause: cause.map(Arc::new) }))
    }

    fn unavailable(cause: Error) -> Self {
        let problem =
            ProblemResponse::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", "Unavailable")
                .with_detail("storage does not answer; try again")
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"));
        Self(Box::new(Inner { problem, cause: Some(Arc::new(cause)) }))
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.problem.status()
    }

    #[cfg(test)]
    pub(crate) fn problem(&self) -> &portcullis_types::Problem {
        self.0.problem.problem()
    }

    /// The same answer as OAuth has it (RFC 6749 §5.2).
    pub(crate) fn finish_as_oauth(self, id: &RequestId) -> Response {
        if let Some(cause) = &self.0.cause {
            log(cause, id);
        }
        let status = self.status();
        let code = match status {
            StatusCode::UNAUTHORIZED => OAuthErrorCode::InvalidToken,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                OAuthErrorCode::TemporarilyUnavailable
            }
            status if status.is_server_error() => OAuthErrorCode::ServerError,
            _ => OAuthErrorCode::InvalidRequest,
        };
        let problem = self.0.problem.problem();
        let description = problem.detail.clone().unwrap_or_else(|| problem.title.clone());
        let headers = self.0.problem.of_request(id).into_response().into_parts().0.headers;
        let mut response =
            (status, uncached(), Json(OAuthError::new(code, description).body())).into_response();
        for (name, value) in headers {
            if let Some(name) = name.filter(|name| !name.as_str().starts_with("content-")) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// The answer, with the id of its request; what is our fault goes to the log under the same id.
    pub(crate) fn finish(self, id: &RequestId) -> Response {
        if let Some(cause) = &self.0.cause {
            log(cause, id);
        }
        self.0.problem.of_request(id).into_response()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ProblemResponse> for Failure {
    fn from(problem: ProblemResponse) -> Self {
        Self::new(problem)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let problem = match error {
            Error::Invalid(refused) => ProblemResponse::invalid(refused),
            Error::Unprocessable(refused) => ProblemResponse::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "Invalid access request",
                "InvalidAccessRequest",
            )
            .with_field(refused),
            Error::Forbidden { action, resource } => {
                ProblemResponse::new(StatusCode::FORBIDDEN, "Forbidden", "Forbidden")
                    .with_detail(format!("the caller needs {action} on {resource}"))
            }
            Error::Unauthenticated { code, reason } => unauthenticated(code, reason),
            Error::InvalidCredentials => {
                ProblemResponse::new(StatusCode::UNAUTHORIZED, "Unauthenticated", "invalid_credentials")
                    .with_detail("the address or the password is wrong")
                    .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE))
            }
            Error::EmailNotVerified => {
                ProblemResponse::new(StatusCode::FORBIDDEN, "Forbidden", "email_not_verified")
                    .with_detail("the e-mail address must be verified first")
            }
            Error::RegistrationClosed => {
                ProblemResponse::new(StatusCode::FORBIDDEN, "Forbidden", "registration_closed")
                    .with_detail("nobody registers themselves in this user pool")
            }
            Error::EmailTaken => ProblemResponse::new(StatusCode::CONFLICT, "Conflict", "email_taken")
                .with_detail("the e-mail address is taken"),
            Error::NotFound(what) => return Self::not_found(&format!("{what} not found")),
            Error::Conflict(what) => {
                ProblemResponse::new(StatusCode::CONFLICT, "Conflict", "Conflict").with_detail(what)
            }
            Error::ChangedSince { last_updated } => changed_since(last_updated),
            Error::CreditsInsufficient(shortage) => credits_insufficient(&shortage),
            Error::ReservationClosed => {
                ProblemResponse::new(StatusCode::CONFLICT, "Reservation closed", "reservation_closed")
                    .with_detail("the reservation was settled otherwise")
            }
            Error::IdempotencyConflict => {
                ProblemResponse::new(StatusCode::CONFLICT, "Idempotency conflict", "idempotency_conflict")
                    .with_detail("the idempotency key was used for another request")
            }
            Error::TooLarge(bound) => too_large().with_detail(bound.to_string()),
            Error::Busy { retry_after_secs } => {
                ProblemResponse::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", "Busy")
                    .with_detail("too many passwords wait to be checked; try again later")
                    .with_header(header::RETRY_AFTER, retry_after_secs.into())
            }
            Error::TooManyAttempts { retry_after_secs } => {
                ProblemResponse::new(StatusCode::TOO_MANY_REQUESTS, "Too many attempts", "TooManyAttempts")
                    .with_detail("too many attempts failed; try again later")
                    .with_header(header::RETRY_AFTER, retry_after_secs.into())
            }
            error @ Error::Unavailable(_) => return Self::unavailable(error),
            error => return Self::internal(Some(error)),
        };
        Self::new(problem)
    }
}

/// A token that was sent to be refreshed or ended is not good for it: the code of the guard says why.
fn unauthenticated(code: GuardCode, reason: &'static str) -> ProblemResponse {
    if code.is_outage() {
        return ProblemResponse::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", code.as_str())
            .with_detail(reason)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    BearerRefusal::Invalid { code, reason }.into()
}

fn too_large() -> ProblemResponse {
    ProblemResponse::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large", "TooLarge")
}

/// 402 with what it takes, and what there is for whoever may know (spec `guard-request.md` §5.5).
fn credits_insufficient(shortage: &CreditShortage) -> ProblemResponse {
    let title = "Not enough credits";
    let mut problem = ProblemResponse::new(StatusCode::PAYMENT_REQUIRED, title, "credits_insufficient")
        .with_kind(CreditShortage::PROBLEM)
        .with_detail("the wallet holds too little")
        .with_member("required", shortage.required.0.into())
        .with_member("currency", shortage.currency.as_str().into())
        .with_member("billingAccountId", shortage.billing_account_id.as_str().into());
    if let Some(available) = shortage.available {
        problem = problem.with_member("available", available.0.into());
    }
    if let Some(operation) = &shortage.operation {
        problem = problem.with_member("operation", operation.as_str().into());
    }
    problem
}

fn changed_since(last_updated: Timestamp) -> ProblemResponse {
    ProblemResponse::new(StatusCode::PRECONDITION_FAILED, "Changed since", "PreconditionFailed")
        .with_detail("it was changed after the instant in If-Unmodified-Since")
        .with_header(header::LAST_MODIFIED, last_modified(last_updated))
}

/// `Last-Modified` as ISO 8601 with milliseconds, the text of `lastUpdated`, and not as an HTTP-date: clients send the header
/// back in `If-Unmodified-Since` (spec `authress-api.md` §1.6), and whole seconds would let the second of two updates within
/// one second overwrite the first unnoticed. Nothing caches these answers, so nothing else reads it.
pub(crate) fn last_modified(at: Timestamp) -> HeaderValue {
    HeaderValue::try_from(at.to_string()).unwrap_or(HeaderValue::from_static("1970-01-01T00:00:00.000Z"))
}

fn log(error: &Error, id: &RequestId) {
    let mut causes = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        if !causes.is_empty() {
            causes.push_str(": ");
        }
        causes.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(request_id = id.as_str(), %error, causes, "a request failed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_error_has_its_status() {
        let field = || FieldError::new("name", "text");
        let at = Timestamp::from_secs(0);
        let forbidden = Error::Forbidden { action: "READ".to_owned(), resource: "Authress:Roles".to_owned() };
        let refused = |code| Error::Unauthenticated { code, reason: "no good" };
        let cases = [
            (refused(GuardCode::TokenRevoked), 401, "token_revoked"),
            (refused(GuardCode::VerificationUnavailable), 503, "verification_unavailable"),
            (Error::Invalid(field()), 400, "InvalidRequest"),
            (Error::Unprocessable(field()), 422, "InvalidAccessRequest"),
            (forbidden, 403, "Forbidden"),
            (Error::InvalidCredentials, 401, "invalid_credentials"),
            (Error::EmailNotVerified, 403, "email_not_verified"),
            (Error::RegistrationClosed, 403, "registration_closed"),
            (Error::EmailTaken, 409, "email_taken"),
            (Error::NotFound("role"), 404, "NotFound"),
            (Error::Conflict("the id is taken"), 409, "Conflict"),
            (Error::ChangedSince { last_updated: at }, 412, "PreconditionFailed"),
            (Error::Busy { retry_after_secs: 3 }, 503, "Busy"),
            (Error::TooManyAttempts { retry_after_secs: 3 }, 429, "TooManyAttempts"),
            (Error::Internal("the disk is full".into()), 500, "InternalError"),
        ];
        for (error, status, code) in cases {
            let failure = Failure::from(error);
            assert_eq!((failure.status().as_u16(), failure.problem().error_code.as_str()), (status, code));
        }
    }

    #[test]
    fn an_internal_failure_tells_the_client_nothing_but_the_id() {
        let failure = Failure::from(Error::Internal("/var/lib is full".into()));
        assert!(!format!("{:?}", failure.0.problem).contains("/var/lib"));
        assert!(failure.0.cause.is_some());
    }

    #[test]
    fn who_must_wait_is_told_how_long_in_whole_seconds() {
        for error in [Error::Busy { retry_after_secs: 3 }, Error::TooManyAttempts { retry_after_secs: 3 }] {
            let response = Failure::from(error).finish(&RequestId("r".into()));
            assert_eq!(response.headers()[header::RETRY_AFTER], "3");
        }
    }

    #[test]
    fn a_412_says_when_it_changed_to_the_millisecond() {
        let response = Failure::from(Error::ChangedSince { last_updated: Timestamp::from_micros(1_500_000) })
            .finish(&RequestId("r".into()));
        assert_eq!(response.headers()[header::LAST_MODIFIED], "1970-01-01T00:00:01.500Z");
    }
}
