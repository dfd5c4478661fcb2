use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user_pool;
use portcullis_types::Problem;
use portcullis_types::sign_in::{UserPoolBody, UserPoolView};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::PoolId;

const PATH: &str = "/v1/user-pools/{poolId}";

/// Sets a user pool, whether or not there was one of that id.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "setUserPool",
    tag = "User pools",
    params(PoolId),
    request_body = UserPoolBody,
    responses(
        (status = 200, description = "The pool as it is now.", body = UserPoolView),
        (status = 404, description = "The caller may not know whether there is such a pool.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn set_user_pool(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<UserPoolBody>,
) -> Result<Response, Failure> {
    let pool_id = path.get::<PoolId>()?;
    let work = user_pool::put(call.portcullis(), &call.cx, &pool_id, body);
    let pool = call.managed("user_pool.put", &pool_id, work).await?;
    Ok(Json(pool).into_response())
}
