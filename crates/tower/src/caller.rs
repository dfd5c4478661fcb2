use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use portcullis_types::Caller;

use crate::{ProblemResponse, RequestId};

/// Extracts who sent the request, on routes behind [`BearerLayer`](crate::BearerLayer).
///
/// Elsewhere it refuses with 500: a route that forgot its layer must not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatedCaller(pub Caller);

impl<S: Sync> FromRequestParts<S> for AuthenticatedCaller {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        if let Some(caller) = parts.extensions.get::<Caller>() {
            return Ok(Self(caller.clone()));
        }
        tracing::error!("a route that asks who calls is not behind the bearer layer");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let problem = ProblemResponse::new(status, "Internal server error", "InternalError");
        Err(match RequestId::of(&parts.extensions) {
            Some(id) => problem.of_request(id),
            None => problem,
        })
    }
}
