use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::guard::{self, Semantics};
use portcullis_types::guard::{EvaluationsSemantic, GuardBatch, GuardBatchOutcome};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/guard/batch";

/// Answers up to 50 questions, in their order.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "evaluateGuardBatch",
    tag = "Guard",
    request_body = GuardBatch,
    responses(
        (status = 200, description = "The outcomes, one for each question that was reached.", body = GuardBatchOutcome),
    ),
)]
pub(super) async fn evaluate_batch(
    call: Call,
    JsonBody(body): JsonBody<GuardBatch>,
) -> Result<Response, Failure> {
    let semantics = match body.evaluations_semantic {
        EvaluationsSemantic::ExecuteAll => Semantics::ExecuteAll,
        EvaluationsSemantic::DenyOnFirstDeny => Semantics::DenyOnFirstDeny,
        EvaluationsSemantic::PermitOnFirstPermit => Semantics::PermitOnFirstPermit,
    };
    let work = guard::ask_many(call.portcullis(), &call.cx, &body.evaluations, semantics);
    let evaluations = call.managed("guard.evaluate", "", work).await?;
    Ok(Json(GuardBatchOutcome { evaluations }).into_response())
}
