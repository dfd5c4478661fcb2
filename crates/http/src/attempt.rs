use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use portcullis_tower::ProblemResponse;

use crate::api::Api;
use crate::failure::Failure;

/// One attempt at a credential, counted for its address: the first thing that a handler takes which is told a secret (a
/// password, a refresh token, a code) or sends a mail. Taken before the body is read; behind the bearer, after `Call`.
///
/// Refuses with 429 `RateLimited` and `Retry-After` (`HttpOptions::credential_rate_per_minute`); such an endpoint documents
/// that status.
pub(crate) struct Attempt;

impl FromRequestParts<Api> for Attempt {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        if let Some(limit) = api.credential_limit() {
            limit.charge_request(&parts.extensions).map_err(ProblemResponse::from)?;
        }
        Ok(Self)
    }
}
