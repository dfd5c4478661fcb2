use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use portcullis::access::{self, Question};
use portcullis_tower::ProblemResponse;
use portcullis_types::{Explanation, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::params::{Explain, Permission, ResourceUri, UserId};

pub(in crate::routes) const PATH: &str =
    "/v1/users/{userId}/resources/{resourceUri}/permissions/{permission}";

/// Answers whether a user may do something: 200 is yes, 404 is no.
///
/// 403 says nothing about the user: the caller may not ask (spec `authress-api.md` §4.6). With `explain=true` both answers say why.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "authorizeUser",
    tag = "User permissions",
    params(UserId, ResourceUri, Permission, Explain),
    responses(
        (status = 200, description = "Yes.", body = Allowed),
        (status = 404, description = "No.", body = Denied, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn check_access(call: Call, path: RawPath, query: Query) -> Result<Response, Failure> {
    let (user, resource) = (path.get::<UserId>()?, path.get::<ResourceUri>()?);
    let permission = path.get::<Permission>()?;
    answer(&call, Question { user_id: &user, resource: &resource, permission: &permission }, &query).await
}

/// What this route answers, however a request came to it.
pub(super) async fn answer(call: &Call, question: Question<'_>, query: &Query) -> Result<Response, Failure> {
    let explain = query.choice("explain", &[("true", true), ("false", false)])?.unwrap_or(false);
    let answer = if explain {
        // Seldom asked, and its future is large.
        Box::pin(explained(call, question)).await
    } else {
        plain(call, question).await
    };
    let checks = call.api.checks();
    match &answer {
        Ok(_) => checks.allow.increment(1),
        Err(failure) if failure.status() == StatusCode::NOT_FOUND => checks.deny.increment(1),
        Err(_) => checks.refused.increment(1),
    }
    answer
}

async fn plain(call: &Call, question: Question<'_>) -> Result<Response, Failure> {
    if access::check(call.portcullis(), &call.cx, question).await? {
        let mut yes = Response::new(Body::from("{}"));
        yes.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(yes)
    } else {
        Err(denied().into())
    }
}

async fn explained(call: &Call, question: Question<'_>) -> Result<Response, Failure> {
    let explanation = access::explain(call.portcullis(), &call.cx, question).await?;
    if explanation.decision == "allow" {
        return Ok(Json(Allowed { explanation: Some(explanation) }).into_response());
    }
    let why = serde_json::to_value(explanation).unwrap_or_default();
    Err(denied().with_member("explanation", why).into())
}

fn denied() -> ProblemResponse {
    ProblemResponse::new(StatusCode::NOT_FOUND, "User not authorized", "UserNotAuthorized")
        .with_detail("the user does not have this permission on this resource")
}

/// Yes.
#[derive(Serialize, ToSchema)]
struct Allowed {
    /// Why, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
}

/// No: a problem, with the reason if that was asked.
#[derive(Serialize, ToSchema)]
struct Denied {
    /// What every problem says.
    #[serde(flatten)]
    problem: Problem,
    /// Why, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
}
