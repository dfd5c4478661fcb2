use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::credits;
use portcullis_types::Problem;
use portcullis_types::credits::CreditAccount;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::AccountId;

const PATH: &str = "/v1/credits/accounts/{accountId}";

/// Reads what a wallet holds, by currency and category.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getCreditAccount",
    tag = "Credits",
    params(AccountId),
    responses(
        (status = 200, description = "The wallet.", body = CreditAccount),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_account(call: Call, path: RawPath) -> Result<Response, Failure> {
    let account_id = path.get::<AccountId>()?;
    let work = credits::balance(call.portcullis(), &call.cx, &account_id);
    Ok(Json(call.managed("credits.read", &account_id, work).await?).into_response())
}
