use std::borrow::Cow;
use std::sync::Arc;

use portcullis_types::guard::{DecisionPath, GuardDecision};
use portcullis_types::operation::AuditLevel;
use portcullis_types::{AuthError, BoxFuture, GuardCode, GuardOutcome, GuardRequest, Timestamp};
use serde_json::{Map, Value};

use super::ask::Answer;
use super::bill::{Billed, bill};
use super::context::{GuardContext, Wanted};
use super::registry::RegisteredOperation;
use super::resolve::{UnknownOperation, resolve};
use super::stage::{Decided, DecisionQuestion, TokenVerifier};
use crate::access::Rights;
use crate::bearer::Bearer;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// What whoever asks is trusted with. Found out only where it matters: most questions need none of it.
#[derive(Clone, Copy)]
pub(crate) enum Trust<'a> {
    /// An application in this process: all but the reasons for administrators, which nobody must hand on by accident.
    Application,
    /// A service, by its rights on `Portcullis:Guard`.
    Service(&'a Rights),
}

impl Trust<'_> {
    /// Reasons for administrators.
    pub(super) fn explain(self) -> bool {
        self.service("guard:explain").unwrap_or(false)
    }

    /// To say that the price need not be paid.
    pub(super) fn skip_billing(self) -> bool {
        self.service("guard:skip_billing").unwrap_or(true)
    }

    /// To take it from another wallet.
    pub(super) fn any_account(self) -> bool {
        self.service("guard:any_account").unwrap_or(true)
    }

    fn service(self, action: &str) -> Option<bool> {
        match self {
            Self::Application => None,
            Self::Service(rights) => Some(rights.holds(action, GUARD)),
        }
    }
}

/// Where services hold their rights.
pub(super) const GUARD: &str = "Portcullis:Guard";

/// Somebody who may, on their way to stages 5 and 6.
pub(super) struct Authorized<'a> {
    pub(super) request: GuardRequest<'a>,
    pub(super) bearer: &'a Bearer,
    pub(super) context: &'a GuardContext,
    pub(super) operation: Arc<RegisteredOperation>,
    pub(super) now: Timestamp,
}

/// Stage 1 as this installation does it.
pub(super) struct OwnVerifier;

impl TokenVerifier for OwnVerifier {
    fn verify<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Bearer, AuthError>> {
        match portcullis.remembered_bearer(token) {
            Some(bearer) => Box::pin(std::future::ready(Ok(bearer))),
            None => Box::pin(portcullis.bearer(token)),
        }
    }
}

/// The stages in their order (spec `guard-request.md` §2): one that says no, or does not answer, is the last.
pub(crate) async fn run(
    portcullis: &Portcullis,
    request: GuardRequest<'_>,
    trust: Trust<'_>,
) -> GuardOutcome {
    answer(portcullis, request, trust).await.outcome
}

/// The same, with the context that it was answered in.
pub(super) async fn answer(portcullis: &Portcullis, request: GuardRequest<'_>, trust: Trust<'_>) -> Answer {
    let now = portcullis.now();
    let (mut outcome, context) = match authenticated(portcullis, &request).await {
        Err(refused) => (*refused, None),
        Ok((bearer, context)) => {
            let mut outcome = match request.operation {
                None => GuardOutcome::passed(Arc::clone(&context.context), None),
                Some(name) => {
                    let asking =
                        Asking { portcullis, request, bearer: &bearer, context: &context, now, trust };
                    asking.operation(name).await
                }
            };
            let context = Some(context).filter(|_| outcome.is_authenticated);
            outcome.context = context.as_ref().map(|context| Arc::clone(&context.context));
            (outcome, context)
        }
    };
    outcome.request_id = request.request_id.map(Arc::from);
    Answer { outcome, context }
}

/// Stages 1 and 2. A refusal is boxed: it is as large as all the rest, and what waits would have room for it.
async fn authenticated(
    portcullis: &Portcullis,
    request: &GuardRequest<'_>,
) -> Result<(Bearer, Arc<GuardContext>), Box<GuardOutcome>> {
    let refused = |code, reason| Err(Box::new(GuardOutcome::refused(code, reason)));
    if request.token.is_empty() {
        return refused(GuardCode::TokenMissing, "no token was sent");
    }
    let stages = &portcullis.inner.settings.stages;
    let bearer = match stages.verifier.verify(portcullis, request.token).await {
        Ok(bearer) => bearer,
        Err(AuthError::Invalid { code, reason }) => return refused(code, reason),
        Err(_) => return refused(GuardCode::VerificationUnavailable, "the token could not be checked"),
    };
    match stages
        .context
        .context(portcullis, &bearer, Wanted::of(request.metadata, bearer.facts.product.as_deref()))
        .await
    {
        Ok(context) => Ok((bearer, context)),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a context could not be put together");
            refused(GuardCode::ContextUnavailable, "the context could not be put together")
        }
    }
}

/// Somebody who was named, and asks for an operation.
struct Asking<'a> {
    portcullis: &'a Portcullis,
    request: GuardRequest<'a>,
    bearer: &'a Bearer,
    context: &'a GuardContext,
    now: Timestamp,
    trust: Trust<'a>,
}

impl Asking<'_> {
    /// Stages 3 to 7.
    async fn operation(&self, name: &str) -> GuardOutcome {
        let operation = match resolve(self.portcullis, name, &self.context.in_force) {
            Ok(Some(operation)) => operation,
            Ok(None) => return self.unknown(name),
            Err(error) => return unavailable(&error),
        };
        let mut outcome = self.known(&operation).await;
        outcome.operation = Some(Arc::clone(&operation.name));
        if !outcome.is_allowed() {
            self.note_denied(&operation, &outcome);
        }
        outcome
    }

    async fn known(&self, operation: &Arc<RegisteredOperation>) -> GuardOutcome {
        let stages = &self.portcullis.inner.settings.stages;
        if !operation.body.enabled {
            let code = GuardCode::PermissionDenied;
            return GuardOutcome::refused(code, "the operation is switched off");
        }
        let question = DecisionQuestion {
            bearer: self.bearer,
            context: self.context,
            operation,
            resource: self.request.resource,
            metadata: self.request.metadata,
            now: self.now,
            explain: self.trust.explain(),
        };
        let decided = match stages.decision.decide(self.portcullis, question).await {
            Ok(decided) => decided,
            Err(error) => return unavailable(&error),
        };
        if let Some(code) = decided.refused {
            return self.denied(code, operation, decided);
        }
        let broke_glass = decided.path == DecisionPath::SuperAdmin;
        if broke_glass && let Err(outcome) = Box::pin(self.note_break_glass(operation)).await {
            return outcome;
        }
        let mut outcome = if is_free(operation) {
            GuardOutcome::passed(Arc::clone(&self.context.context), Some(true))
        } else {
            Box::pin(self.billed(operation)).await
        };
        outcome.decision = Some(told(decided));
        if operation.body.audit_level == AuditLevel::Trail && outcome.is_allowed() && !broke_glass {
            Box::pin(self.note_allowed(operation, outcome)).await
        } else {
            outcome
        }
    }

    fn denied(&self, code: GuardCode, operation: &RegisteredOperation, decided: Decided) -> GuardOutcome {
        let mut outcome = GuardOutcome::refused(code, decided.reason_user.clone());
        outcome.hide_existence = operation.body.hide_existence && code != GuardCode::MfaRequired;
        outcome.details.clone_from(&decided.details);
        outcome.decision = Some(told(decided));
        outcome
    }

    /// Stages 5 and 6.
    async fn billed(&self, operation: &Arc<RegisteredOperation>) -> GuardOutcome {
        let authorized = Authorized {
            request: self.request,
            bearer: self.bearer,
            context: self.context,
            operation: Arc::clone(operation),
            now: self.now,
        };
        let passed = || GuardOutcome::passed(Arc::clone(&self.context.context), Some(true));
        match bill(self.portcullis, &authorized, self.trust).await {
            Billed::Free => passed(),
            Billed::Yes(billing) => GuardOutcome { has_sufficient_credits: Some(true), billing, ..passed() },
            Billed::Deferred(billing) => GuardOutcome {
                has_sufficient_credits: Some(true),
                billing: Some(billing),
                details: Map::from_iter([("deferred".to_owned(), Value::from(true))]),
                ..passed()
            },
            Billed::No(unpaid) => {
                let mut outcome = GuardOutcome::refused(unpaid.code, unpaid.error);
                outcome.billing = unpaid.billing;
                outcome.details = unpaid.details;
                outcome
            }
        }
    }

    fn unknown(&self, name: &str) -> GuardOutcome {
        // What is no name is not echoed: it may be anything.
        let named = portcullis_domain::is_operation_name(name).then_some(name);
        let mut outcome = match self.portcullis.inner.settings.unknown_operation {
            UnknownOperation::AllowAndLog if named.is_some() => {
                tracing::warn!(target: "decision", operation = name, "an unknown operation was allowed");
                GuardOutcome::passed(Arc::clone(&self.context.context), None)
            }
            _ => GuardOutcome::refused(GuardCode::OperationUnknown, "the operation is not known"),
        };
        outcome.operation = named.map(Arc::from);
        if !outcome.allowed {
            let question = (self.bearer.caller.principal(), named.unwrap_or("?"), "");
            self.log_denied(question);
        }
        outcome
    }

    /// Refusals are counted, and go sampled to the log; never to the audit trail, which anybody could fill.
    fn note_denied(&self, operation: &RegisteredOperation, outcome: &GuardOutcome) {
        let code = outcome.error_code.map_or("", GuardCode::as_str);
        metrics::counter!("portcullis_guard_refused_total", "code" => code).increment(1);
        let id = self.request.resource.and_then(|resource| resource.id.as_deref()).unwrap_or_default();
        self.log_denied((self.bearer.caller.principal(), &operation.name, id));
    }

    fn log_denied(&self, (user_id, permission, resource): (&str, &str, &str)) {
        let question = crate::access::Question { user_id, resource, permission };
        self.portcullis.inner.denials.denied(question, self.now);
    }

    /// Break-glass is in the audit trail before it opens anything, or it opens nothing.
    async fn note_break_glass(&self, operation: &RegisteredOperation) -> Result<(), GuardOutcome> {
        let written = self.note("guard.break_glass", operation).await;
        written.map_err(|error| unavailable(&error))
    }

    async fn note_allowed(&self, operation: &RegisteredOperation, outcome: GuardOutcome) -> GuardOutcome {
        match self.note("guard.allowed", operation).await {
            Ok(()) => outcome,
            Err(error) => {
                // What was held for it comes back by itself, but the sooner the better.
                if let Some(held) = outcome.billing.and_then(|billing| billing.reservation) {
                    let ledger = &self.portcullis.inner.settings.stages.ledger;
                    let _released = ledger.release(self.portcullis, &held.id).await;
                }
                unavailable(&error)
            }
        }
    }

    async fn note(&self, action: &'static str, operation: &RegisteredOperation) -> Result<()> {
        let request_id = self.request.request_id.unwrap_or_default();
        let cx = Cx::of(self.bearer.caller.clone(), request_id.into());
        let resource = self.request.resource.and_then(|resource| resource.id.clone());
        let (portcullis, target) = (self.portcullis.clone(), operation.id.as_ref().to_owned());
        Portcullis::to_the_end(async move {
            let mut unit = Unit::begin(&portcullis, &cx).await?;
            unit.audit(action, &target, resource.map(|id| id.chars().take(512).collect()));
            unit.commit().await
        })
        .await
    }
}

/// Whether stages 5 and 6 have nothing to say.
fn is_free(operation: &RegisteredOperation) -> bool {
    let body = &operation.body;
    body.billing.is_none() && body.feature.is_none() && !body.needs_seat
}

fn told(decided: Decided) -> GuardDecision {
    GuardDecision {
        path: decided.path,
        role: decided.role,
        policy_id: decided.policy_id,
        reason_user: decided.reason_user,
        reason_admin: decided.reason_admin,
    }
}

fn unavailable(error: &crate::Error) -> GuardOutcome {
    tracing::error!(error = error as &dyn std::error::Error, "a decision could not be made");
    GuardOutcome::refused(GuardCode::DecisionUnavailable, Cow::Borrowed("no decision could be made"))
}
