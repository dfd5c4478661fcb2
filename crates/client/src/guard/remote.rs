use portcullis_types::guard::{EvaluationsSemantic, GuardBatchOutcome, GuardBody};
use portcullis_types::{
    AuthError, BoxFuture, Caller, Guard, GuardOutcome, GuardRequest, MicroCredits, Sensitive, SettleError,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{judge, settle};
use crate::{Client, Result};

/// The guard of an application, answered by a server: [`Guard`] over `POST /v1/guard`.
///
/// Fails closed: whatever is not a well-formed answer that agrees with itself is an outcome that does not allow. A reservation
/// whose answer was lost ends by itself.
///
/// [`authenticate`](Guard::authenticate) reads who it is from the same outcome, which holds less than the engine knows in
/// process: [`Caller::User::limited_by`](Caller::User) is always `None`, `key_id` of [`Caller::Client`] always empty, its
/// `options` the defaults. So a caller is no basis for a decision here: a token that is limited to statements looks like any
/// other of its user. Ask [`check`](Guard::check), where the server counts all of it.
#[derive(Clone, Debug)]
pub struct RemoteGuard {
    client: Client,
}

/// [`GuardBatch`](portcullis_types::guard::GuardBatch), borrowed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchBody<'a> {
    evaluations: &'a [GuardBody],
    evaluations_semantic: EvaluationsSemantic,
}

impl RemoteGuard {
    pub(crate) const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Several questions at once, up to 50: as many outcomes as were reached, in order. What was reached and cannot be
    /// believed is a refusal.
    pub async fn check_all(&self, items: &[GuardBody], semantics: EvaluationsSemantic) -> Vec<GuardOutcome> {
        let keyed = items.iter().all(|item| is_keyed(&item.request(None)));
        let request = self
            .client
            .post(&["v1", "guard", "batch"])
            .body(&BatchBody { evaluations: items, evaluations_semantic: semantics });
        let request = if keyed { request.repeatable() } else { request };
        let answered: Result<GuardBatchOutcome> = request.exactly_ok().await;
        let every_item_refused = |error: &dyn Fn() -> crate::ClientError| {
            items.iter().map(|item| judge::believed(&item.request(None), Err(error()))).collect()
        };
        match answered {
            // More or fewer than were asked: it cannot be told which is whose.
            Ok(answer) if !fits(items.len(), &answer.evaluations, semantics) => {
                every_item_refused(&|| crate::ClientError::decode(200, "a result for each item"))
            }
            Ok(answer) => items
                .iter()
                .zip(answer.evaluations)
                .map(|(item, outcome)| judge::believed(&item.request(None), Ok(outcome)))
                .collect(),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the guard cannot be asked");
                every_item_refused(&|| crate::ClientError::Timeout)
            }
        }
    }

    async fn ask(&self, request: &GuardRequest<'_>) -> Result<GuardOutcome> {
        let body = GuardBody {
            token: Sensitive::new(request.token),
            operation: request.operation.map(str::to_owned),
            resource: request.resource.cloned(),
            metadata: request.metadata.cloned(),
        };
        let mut call = self.client.post(&["v1", "guard"]).body(&body);
        if let Some(request_id) = request.request_id {
            call = call.request_id(request_id);
        }
        if is_keyed(request) {
            call = call.repeatable();
        }
        call.exactly_ok().await
    }
}

/// Whether asking twice holds credits once: nothing is asked but who it is, or the metadata brings an idempotency key.
fn is_keyed(request: &GuardRequest<'_>) -> bool {
    let key = |metadata: &Map<String, Value>| {
        metadata.get("billing")?.get("idempotencyKey")?.as_str().map(str::is_empty)
    };
    request.operation.is_none() || request.metadata.and_then(key) == Some(false)
}

/// A batch may end early only where its semantics let it.
fn fits(asked: usize, results: &[GuardOutcome], semantics: EvaluationsSemantic) -> bool {
    let ends_early = |last: Option<&GuardOutcome>| match semantics {
        EvaluationsSemantic::ExecuteAll => false,
        EvaluationsSemantic::DenyOnFirstDeny => last.is_some_and(|last| !last.is_allowed()),
        EvaluationsSemantic::PermitOnFirstPermit => last.is_some_and(GuardOutcome::is_allowed),
    };
    results.len() == asked || (results.len() < asked && ends_early(results.last()))
}

impl Guard for RemoteGuard {
    fn authenticate<'a>(&'a self, bearer: &'a str) -> BoxFuture<'a, Result<Caller, AuthError>> {
        Box::pin(async move { judge::caller(&self.check(GuardRequest::who(bearer)).await) })
    }

    fn check<'a>(&'a self, request: GuardRequest<'a>) -> BoxFuture<'a, GuardOutcome> {
        Box::pin(async move { judge::believed(&request, self.ask(&request).await) })
    }

    fn commit<'a>(
        &'a self,
        reservation_id: &'a str,
        amount: Option<MicroCredits>,
    ) -> BoxFuture<'a, Result<MicroCredits, SettleError>> {
        Box::pin(settle::commit(&self.client, reservation_id, amount))
    }

    fn release<'a>(&'a self, reservation_id: &'a str) -> BoxFuture<'a, Result<(), SettleError>> {
        Box::pin(settle::release(&self.client, reservation_id))
    }
}
