use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::product;
use portcullis_types::Problem;
use portcullis_types::plan::{Product, ProductBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{ProductId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/products/{productId}";

/// Replaces a product.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateProduct",
    tag = "Products",
    params(ProductId, UnmodifiedSinceHeader),
    request_body = ProductBody,
    responses(
        (status = 200, description = "As it is now.", body = Product),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_product(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<ProductBody>,
) -> Result<Response, Failure> {
    let product_id = path.get::<ProductId>()?;
    let work = product::update(call.portcullis(), &call.cx, &product_id, body, since.0);
    let answer = call.managed("product.update", &product_id, work).await?;
    Ok(Json(answer).into_response())
}
