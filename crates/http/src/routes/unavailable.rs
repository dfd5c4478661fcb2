//! What other servers of this API have and this one does not (yet): accounts, identities, tenants, connections,
//! extensions, and the browser login (spec `authress-api.md` §3.8, §3.9, §7). They answer 404 with a code that says so, which is
//! not the same as "this path is a typo". They are not in the OpenAPI document.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use portcullis_tower::ProblemResponse;

use crate::api::Api;
use crate::call::Call;
use crate::failure::Failure;

/// Every path here, for the labels of metrics: the guarded ones first.
pub(crate) const TEMPLATES: [&str; GUARDED.len() + PUBLIC.len()] = {
    let mut all = [""; GUARDED.len() + PUBLIC.len()];
    let (guarded, public) = all.split_at_mut(GUARDED.len());
    guarded.copy_from_slice(&GUARDED);
    public.copy_from_slice(&PUBLIC);
    all
};

/// Those that always need a bearer.
const GUARDED: [&str; 16] = [
    "/v1/accounts",
    "/v1/accounts/{accountId}",
    "/v1/identities",
    "/v1/tenants",
    "/v1/tenants/{tenantId}",
    "/v1/tenants/{tenantId}/users",
    "/v1/applications/{applicationId}/users/{userId}/delegation",
    "/v1/connections",
    "/v1/connections/{connectionId}",
    "/v1/connections/{connectionId}/users/{userId}/credentials",
    "/v1/extensions",
    "/v1/extensions/{extensionId}",
    "/api/session/profile",
    "/api/session/credentials",
    "/api/session/identities/{identityId}",
    "/api/identities/{identityId}",
];

/// Those that browsers call before anybody signed in, or with a cookie: the answer must not look like a failed sign-in.
const PUBLIC: [&str; 11] = [
    "/",
    "/logout",
    "/settings",
    "/api/authentication",
    "/api/authentication/oauth/tokens",
    "/api/authentication/{authenticationRequestId}",
    "/api/authentication/{authenticationRequestId}/tokens",
    "/api/session",
    "/api/session/devices",
    "/api/session/devices/{deviceId}",
    "/api/extensions/{extensionId}/.well-known/openid-configuration/jwks",
];

/// The paths that need a bearer.
pub(crate) fn guarded() -> Router<Api> {
    GUARDED.iter().fold(Router::new(), |router, path| router.route(path, any(unavailable_to_caller)))
}

/// The paths that need none.
pub(crate) fn public() -> Router<Api> {
    PUBLIC.iter().fold(Router::new(), |router, path| router.route(path, any(unavailable)))
}

async fn unavailable_to_caller(_call: Call) -> Failure {
    unavailable().await
}

async fn unavailable() -> Failure {
    let problem = ProblemResponse::new(StatusCode::NOT_FOUND, "Feature not available", "FeatureNotAvailable");
    problem.with_detail("this server does not have this part of the API").into()
}
