use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{GuardBody, GuardOutcome};

/// When a batch ends (the names are OpenID AuthZEN 1.0's).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationsSemantic {
    /// After the last question.
    #[default]
    ExecuteAll,
    /// After the first that is not allowed.
    DenyOnFirstDeny,
    /// After the first that is allowed.
    PermitOnFirstPermit,
}

/// The body of `POST /v1/guard/batch`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuardBatch {
    /// 1 to 50.
    #[schema(min_items = 1, max_items = 50)]
    pub evaluations: Vec<GuardBody>,
    /// When it ends; after the last question when absent.
    #[serde(default)]
    pub evaluations_semantic: EvaluationsSemantic,
}

/// The answer to a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GuardBatchOutcome {
    /// In the order of the questions; those after the end of the batch are missing.
    pub evaluations: Vec<GuardOutcome>,
}
