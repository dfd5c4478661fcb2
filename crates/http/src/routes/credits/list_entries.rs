use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::credits;
use portcullis_types::Problem;
use portcullis_types::credits::CreditEntryCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::page::page;
use crate::params::{AccountId, CurrencyParam, Paged100};

const PATH: &str = "/v1/credits/accounts/{accountId}/entries";

/// Reads the ledger of a wallet, newest first.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getCreditEntries",
    tag = "Credits",
    params(AccountId, Paged100, CurrencyParam),
    responses(
        (status = 200, description = "A page.", body = CreditEntryCollection),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_entries(call: Call, path: RawPath, query: Query) -> Result<Response, Failure> {
    let account_id = path.get::<AccountId>()?;
    let currency = query.text("currency")?;
    let page_request = query.page()?;
    let work = credits::entries(call.portcullis(), &call.cx, &account_id, currency.as_deref(), page_request);
    let listing = call.managed("credits.read", &account_id, work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(CreditEntryCollection { entries: listing.items, pagination, links }).into_response())
}
