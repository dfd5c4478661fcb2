use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::product;
use portcullis_types::Problem;
use portcullis_types::plan::Product;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ProductId;

const PATH: &str = "/v1/products/{productId}";

/// Reads a product.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "showProduct",
    tag = "Products",
    params(ProductId),
    responses(
        (status = 200, description = "As it is now.", body = Product),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_product(call: Call, path: RawPath) -> Result<Response, Failure> {
    let product_id = path.get::<ProductId>()?;
    let work = product::show(call.portcullis(), &call.cx, &product_id);
    let answer = call.managed("product.read", &product_id, work).await?;
    Ok(Json(answer).into_response())
}
