use axum::Json;

use super::{Health, OK};

const PATH: &str = "/health/live";

/// Answers as long as the process does. A node that does not should be started anew.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getLiveness",
    tag = "Health",
    responses((status = 200, description = "It lives.", body = Health)),
)]
pub(super) async fn live() -> Json<Health> {
    Json(OK)
}
