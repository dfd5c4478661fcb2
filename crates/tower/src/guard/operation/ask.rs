use std::borrow::Cow;
use std::sync::Arc;

use portcullis_types::guard::{BillingMode, GuardResource};
use portcullis_types::{GuardOutcome, GuardRequest};
use serde_json::{Map, Value, json};

use super::GuardPass;
use crate::guard::refusal::GuardRefusal;
use crate::guard::settle::ToTheEnd;
use crate::guard::state::{Asking, GuardState};

/// What is asked about one request.
pub(super) struct Question {
    pub(super) operation: Cow<'static, str>,
    pub(super) resource: Option<GuardResource>,
    pub(super) billing: Option<BillingMode>,
    pub(super) units: Option<u64>,
    pub(super) metadata: Map<String, Value>,
}

impl Question {
    /// The metadata, with what is said about the price below `billing`.
    fn metadata(&mut self, idempotency_key: String) -> Map<String, Value> {
        let mut metadata = std::mem::take(&mut self.metadata);
        let billing = metadata.entry("billing").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(billing) = billing {
            billing.extend(self.billing.map(|mode| ("mode".to_owned(), json!(mode))));
            billing.extend(self.units.map(|units| ("units".to_owned(), json!(units))));
            billing.entry("idempotencyKey").or_insert(Value::String(idempotency_key));
        }
        metadata
    }
}

/// Asks whether this request's user may do an operation, and holds its price.
///
/// # Errors
/// 401 for a guest; whatever the guard refuses with.
pub(super) async fn ask(state: &GuardState, mut question: Question) -> Result<GuardPass, GuardRefusal> {
    state.required()?;
    let asking = state.asking.clone();
    let metadata = question.metadata(asking.keys.mint());
    let request_id = state.form.request_id.0.clone();
    let holds = Arc::clone(&asking.holds);
    let outcome = ToTheEnd::new(async move { check(&asking, &question, &metadata, &request_id).await }).await;
    if let (true, Some(context)) = (outcome.is_allowed(), &outcome.context) {
        let reservation = outcome.billing.as_ref().and_then(|billing| billing.reservation.clone());
        return Ok(GuardPass { context: Arc::clone(context), reservation, holds });
    }
    tracing::debug!(
        request_id = state.form.request_id.as_str(), code = ?outcome.error_code, operation = ?outcome.operation,
        "refused an operation"
    );
    Err(GuardRefusal::outcome(outcome, state.form.clone()))
}

/// Asks the guard, and notes what it holds in the same breath.
async fn check(
    asking: &Asking,
    question: &Question,
    metadata: &Map<String, Value>,
    request_id: &str,
) -> GuardOutcome {
    let request = GuardRequest {
        token: asking.token.expose(),
        operation: Some(&question.operation),
        resource: question.resource.as_ref(),
        metadata: Some(metadata),
        request_id: Some(request_id),
    };
    let outcome = asking.guard.check(request).await;
    let reservation = outcome.billing.as_ref().and_then(|billing| billing.reservation.as_ref());
    match reservation {
        Some(held) if outcome.is_allowed() => asking.holds.add(&held.id),
        // A refusal holds nothing; if it says so all the same, that comes back.
        Some(held) => asking.holds.refuse(&held.id),
        None => {}
    }
    outcome
}
