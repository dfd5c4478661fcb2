use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::application;
use portcullis_types::application::ApplicationCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged100};

const PATH: &str = "/v1/applications";

/// Lists applications.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getApplications",
    tag = "Applications",
    params(Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = ApplicationCollection),
    ),
)]
pub(super) async fn list_applications(call: Call, query: Query) -> Result<Response, Failure> {
    let work = application::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("application.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(ApplicationCollection { applications: listing.items, pagination, links }).into_response())
}
