use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user_override;
use portcullis_types::policy::OverrideCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged100};

const PATH: &str = "/v1/overrides";

/// Lists overrides.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getOverrides",
    tag = "Guard",
    params(Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = OverrideCollection),
    ),
)]
pub(super) async fn list_overrides(call: Call, query: Query) -> Result<Response, Failure> {
    let work = user_override::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("override.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(OverrideCollection { overrides: listing.items, pagination, links }).into_response())
}
