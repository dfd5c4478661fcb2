use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::describe::ProtectedResource;
use crate::challenge::Challenge;
use crate::{BearerRefusal, ProblemResponse, RequestId};

/// Why a protected resource does not answer a request. The body is a [`ProblemResponse`]; the challenge in `WWW-Authenticate` says the
/// same for programs (RFC 6750 §3), and where to read who gives tokens (`resource_metadata`, RFC 9728 §5.1):
///
/// | status | `error` | when |
/// |---|---|---|
/// | 400 | `invalid_request` | two `Authorization` headers, or a token in the query |
/// | 401 | – | no token; `scope` names those that are supported |
/// | 401 | `invalid_token` | a token that is malformed, expired, revoked, of another issuer, or for another resource |
/// | 403 | `insufficient_scope` | the token lacks a scope; `scope` names all that the route needs |
/// | 503 | – | it could not be found out; with `Retry-After` |
#[derive(Clone, Debug)]
pub struct ResourceRefusal {
    why: Why,
    /// Absent on a route that is behind no layer.
    resource: Option<Arc<ProtectedResource>>,
    id: Option<RequestId>,
}

#[derive(Clone, Debug)]
pub(super) enum Why {
    Bearer(BearerRefusal),
    InQuery,
    Invalid(&'static str),
    /// All that is needed, separated by spaces.
    Scope(Arc<str>),
    Unavailable,
    NoLayer,
}

impl ResourceRefusal {
    pub(super) fn new(why: Why, resource: &Arc<ProtectedResource>, id: RequestId) -> Self {
        Self { why, resource: Some(Arc::clone(resource)), id: Some(id) }
    }

    pub(super) fn no_layer() -> Self {
        tracing::error!("a route that asks for an access token is not behind a ProtectedResourceLayer");
        Self { why: Why::NoLayer, resource: None, id: None }
    }

    fn problem(&self) -> ProblemResponse {
        let problem = |status: StatusCode, code: &str, detail: &str| {
            let title = status.canonical_reason().unwrap_or("Refused");
            ProblemResponse::new(status, title, code).with_detail(detail)
        };
        let challenged = |status, error: &str, detail| {
            problem(status, error, detail)
                .with_header(WWW_AUTHENTICATE, self.challenge(Some((error, detail))).value())
        };
        match &self.why {
            Why::Bearer(BearerRefusal::Missing | BearerRefusal::OtherScheme) => {
                problem(StatusCode::UNAUTHORIZED, "unauthenticated", "no access token was sent")
                    .with_header(WWW_AUTHENTICATE, self.challenge(None).value())
            }
            Why::Bearer(BearerRefusal::Several) => {
                challenged(StatusCode::BAD_REQUEST, "invalid_request", "expected one Authorization header")
            }
            Why::InQuery => challenged(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "expected the access token in the Authorization header, not in the query",
            ),
            Why::Bearer(BearerRefusal::Invalid { reason, .. }) | Why::Invalid(reason) => {
                challenged(StatusCode::UNAUTHORIZED, "invalid_token", reason)
            }
            Why::Scope(_) => challenged(
                StatusCode::FORBIDDEN,
                "insufficient_scope",
                "the access token lacks a scope for this",
            ),
            Why::Bearer(BearerRefusal::Unavailable) | Why::Unavailable => problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "the access token could not be checked; try again",
            )
            .with_header(RETRY_AFTER, HeaderValue::from_static("1")),
            Why::NoLayer => problem(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "internal failure"),
        }
    }

    fn challenge(&self, error: Option<(&str, &str)>) -> Challenge {
        let mut challenge = Challenge::bare();
        if let Some((error, description)) = error {
            challenge = challenge.with("error", error).with("error_description", description);
        }
        let Some(resource) = &self.resource else { return challenge };
        let scopes = match (&self.why, error) {
            (Why::Scope(needed), _) => needed.to_string(),
            (_, None) => resource.metadata().scopes_supported.join(" "),
            _ => String::new(),
        };
        if !scopes.is_empty() {
            challenge = challenge.with("scope", &scopes);
        }
        challenge.with("resource_metadata", &resource.metadata_url())
    }
}

impl IntoResponse for ResourceRefusal {
    fn into_response(self) -> Response {
        let problem = self.problem().with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match &self.id {
            Some(id) => problem.of_request(id),
            None => problem,
        }
        .into_response()
    }
}
