use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::plan;
use portcullis_types::Problem;
use portcullis_types::plan::PlanCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::page::page;
use crate::params::{Filter64, Paged100, ProductId};

const PATH: &str = "/v1/products/{productId}/plans";

/// Lists the plans of a product.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listPlans",
    tag = "Products",
    params(ProductId, Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = PlanCollection),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_plans(call: Call, path: RawPath, query: Query) -> Result<Response, Failure> {
    let product_id = path.get::<ProductId>()?;
    let work = plan::list(call.portcullis(), &call.cx, &product_id, query.filtered_page()?);
    let listing = call.managed("plan.list", &product_id, work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(PlanCollection { plans: listing.items, pagination, links }).into_response())
}
