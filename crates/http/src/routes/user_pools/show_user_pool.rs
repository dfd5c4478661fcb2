use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user_pool;
use portcullis_types::Problem;
use portcullis_types::sign_in::UserPoolView;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::PoolId;

const PATH: &str = "/v1/user-pools/{poolId}";

/// Reads a user pool.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserPool",
    tag = "User pools",
    params(PoolId),
    responses(
        (status = 200, description = "The pool.", body = UserPoolView),
        (status = 404, description = "There is no such pool, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_user_pool(call: Call, path: RawPath) -> Result<Response, Failure> {
    let pool_id = path.get::<PoolId>()?;
    let work = user_pool::show(call.portcullis(), &call.cx, &pool_id);
    let pool = call.managed("user_pool.read", &pool_id, work).await?;
    Ok(Json(pool).into_response())
}
