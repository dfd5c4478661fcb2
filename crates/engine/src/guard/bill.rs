//! Stages 5 and 6: does the subscription include it, and are the credits there?

use portcullis_authz::{AskedPath, Bits, Holder};
use portcullis_domain::credits::Terms;
use portcullis_types::credits::ReservationState;
use portcullis_types::credits::{BillingRule, CreditReservation, DEFAULT_CURRENCY};
use portcullis_types::guard::{BillingMode, GuardBilling, HeldCredits};
use portcullis_types::operation::FailMode;
use portcullis_types::{BoxFuture, Caller, GuardCode, MicroCredits, SettleError};
use serde_json::{Map, Value};

use super::entitle::{Entitled, EntitlementQuestion};
use super::pipeline::{Authorized, Trust};
use super::price::{Said, cost};
use super::stage::{CreditLedger, LedgerRefusal, PriceQuestion, Priced, Stages};
use crate::credits::{CreditError, ledger};
use crate::{Error, Portcullis, Result};

/// What stages 5 and 6 say.
pub(super) enum Billed {
    /// Nothing is said about payment.
    Free,
    /// It is paid for, or somebody who may says that it need not be.
    Yes(Option<GuardBilling>),
    /// The ledger does not answer, and the operation goes on all the same.
    Deferred(GuardBilling),
    /// Why not.
    No(Unpaid),
}

/// A refusal of stages 5 and 6.
pub(super) struct Unpaid {
    pub(super) code: GuardCode,
    pub(super) error: &'static str,
    pub(super) billing: Option<GuardBilling>,
    pub(super) details: Map<String, Value>,
}

impl Unpaid {
    fn new(code: GuardCode, error: &'static str) -> Box<Self> {
        Box::new(Self { code, error, billing: None, details: Map::new() })
    }

    fn not_included(code: GuardCode, details: Map<String, Value>) -> Box<Self> {
        Box::new(Self { details, ..*Self::new(code, refusal_text(code)) })
    }

    fn outage() -> Box<Self> {
        let mut unpaid = Self::new(GuardCode::BillingUnavailable, "what it costs could not be settled");
        unpaid.details.insert("retryAfter".to_owned(), Value::from(1));
        unpaid
    }
}

/// Asks stages 5 and 6.
pub(super) async fn bill(portcullis: &Portcullis, authorized: &Authorized<'_>, trust: Trust<'_>) -> Billed {
    match billed(portcullis, authorized, trust).await {
        Ok(billed) => billed,
        Err(unpaid) => Billed::No(*unpaid),
    }
}

async fn billed(
    portcullis: &Portcullis,
    authorized: &Authorized<'_>,
    trust: Trust<'_>,
) -> Result<Billed, Box<Unpaid>> {
    let body = &authorized.operation.body;
    if body.billing.is_none() && body.feature.is_none() && !body.needs_seat {
        return Ok(Billed::Free);
    }
    let said = Said::of(authorized.request.metadata)
        .map_err(|refused| Unpaid::new(GuardCode::InvalidRequest, refused))?;
    let free = BillingRule::default();
    let rule = body.billing.as_ref().unwrap_or(&free);
    let mode = said.mode(&authorized.operation, rule);
    if mode == BillingMode::Skip {
        if !trust.skip_billing() {
            let reason = "this service may not skip the price";
            return Err(Unpaid::new(GuardCode::InvalidRequest, reason));
        }
        return Ok(Billed::Yes(None));
    }
    let question = question(portcullis, authorized, (&said, rule, mode), trust)?;
    let stages = &portcullis.inner.settings.stages;
    let asked = EntitlementQuestion {
        context: authorized.context,
        operation: &authorized.operation,
        units: said.units.unwrap_or(1).max(1),
        now: authorized.now,
    };
    let entitled = if body.feature.is_some() || body.needs_seat || rule.feature.is_some() {
        stages.entitlements.entitled(portcullis, asked).await
    } else {
        Ok(Entitled::Yes)
    };
    let metered = match entitled {
        Ok(Entitled::Yes) => None,
        Ok(Entitled::Metered(feature)) => Some(feature).filter(|_| mode != BillingMode::Check),
        Ok(Entitled::No(code, details)) => return Err(Unpaid::not_included(code, details)),
        Err(error) => return outage(portcullis, authorized, mode, question, &error).await,
    };
    let (costs, fails_open) = (body.billing.is_some(), body.fail_mode == FailMode::Open);
    let settled = match &metered {
        Some(feature) => settle_metered(portcullis, (asked, feature), (costs, fails_open), &question).await,
        None if !costs => return Ok(Billed::Yes(None)),
        None => settle(portcullis, stages, mode, &question).await.map_err(Unsettled::Outage),
    };
    let settled = match settled {
        Err(Unsettled::NotIncluded(code, details)) => return Err(Unpaid::not_included(code, details)),
        Err(Unsettled::Untaken) => return Err(Unpaid::outage()),
        Err(Unsettled::Outage(error)) => Err(error),
        Ok(_) if !costs => return Ok(Billed::Yes(None)),
        Ok(settled) => Ok(settled),
    };
    match settled {
        Ok(Ok(priced)) => Ok(Billed::Yes(Some(shown(portcullis, authorized, mode, &question, priced).await))),
        Ok(Err(refusal)) => Err(refused(portcullis, authorized, mode, &question, refusal).await),
        Err(error) => outage(portcullis, authorized, mode, question, &error).await,
    }
}

/// Why a price and a use are not settled.
enum Unsettled {
    Outage(Error),
    /// It is held but could not be taken, or may have been: it can neither be forgotten nor charged once more later.
    Untaken,
    NotIncluded(GuardCode, Map<String, Value>),
}

/// Holds the price, counts the use, then takes the price if it is to be taken: what cannot be counted has cost nothing.
async fn settle_metered(
    portcullis: &Portcullis,
    (asked, feature): (EntitlementQuestion<'_>, &str),
    (costs, fails_open): (bool, bool),
    question: &PriceQuestion,
) -> Result<Result<Priced, LedgerRefusal>, Unsettled> {
    let Stages { ledger, entitlements, .. } = &portcullis.inner.settings.stages;
    let mut priced = Priced { held: None, overage: false };
    if costs {
        match ledger.reserve(portcullis, question).await.map_err(Unsettled::Outage)? {
            Ok(held) => priced = held,
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    let counted = entitlements.consume(portcullis, asked, feature, &question.idempotency_key).await;
    let unsettled = match counted {
        Ok(Entitled::No(code, details)) => Unsettled::NotIncluded(code, details),
        Err(error) if !fails_open => Unsettled::Outage(error),
        counted => {
            if let Err(error) = counted {
                tracing::error!(error = &error as &dyn std::error::Error, feature, "a use was not counted");
            }
            if !question.taken_at_once {
                return Ok(Ok(priced));
            }
            let Some(held) = priced.held.take() else { return Ok(Ok(priced)) };
            return match ledger.commit(portcullis, &held.id, None).await {
                Ok(_) => Ok(Ok(priced)),
                // Its key was used before, for a hold that was given back.
                Err(SettleError::Closed) => Ok(Err(LedgerRefusal::Conflict)),
                Err(_) => Err(Unsettled::Untaken),
            };
        }
    };
    if let Some(held) = &priced.held {
        // If even this fails, the hold lapses.
        let _released = ledger.release(portcullis, &held.id).await;
    }
    Err(unsettled)
}

/// Does about the price what the mode says.
async fn settle(
    portcullis: &Portcullis,
    stages: &Stages,
    mode: BillingMode,
    question: &PriceQuestion,
) -> Result<Result<Priced, LedgerRefusal>> {
    match mode {
        BillingMode::Reserve => stages.ledger.reserve(portcullis, question).await,
        BillingMode::Charge => stages.ledger.charge(portcullis, question).await,
        BillingMode::Check | BillingMode::Skip => {
            let available = stages.ledger.available(portcullis, question).await?;
            if available >= question.amount {
                return Ok(Ok(Priced { held: None, overage: false }));
            }
            Ok(Err(LedgerRefusal::Insufficient { available: Some(available) }))
        }
    }
}

fn question(
    portcullis: &Portcullis,
    authorized: &Authorized<'_>,
    (said, rule, mode): (&Said<'_>, &BillingRule, BillingMode),
    trust: Trust<'_>,
) -> Result<PriceQuestion, Box<Unpaid>> {
    let invalid = |refused| Unpaid::new(GuardCode::InvalidRequest, refused);
    let subject = authorized.bearer.caller.principal();
    let own = authorized.context.in_force.organization.as_deref().unwrap_or(subject);
    let account = said.account.unwrap_or(own);
    if account != own && !trust.any_account() {
        return Err(invalid("this service may not use another wallet"));
    }
    let price = cost(rule, said.units.unwrap_or(0)).map_err(invalid)?;
    // Never made of the request's id: services pass on what their own clients chose, and under an id that comes again any number
    // of operations would go on with what the first one paid.
    let key = match said.key {
        Some(key) => key.to_owned(),
        None => portcullis.mint("grq_").map_err(|_no_chance| Unpaid::outage())?,
    };
    Ok(PriceQuestion {
        account_id: account.to_owned(),
        currency: DEFAULT_CURRENCY.to_owned(),
        amount: said.estimate.unwrap_or(price),
        idempotency_key: key,
        ttl_seconds: said.ttl(rule),
        operation: authorized.operation.id.as_ref().to_owned(),
        version: authorized.operation.version,
        subject: subject.to_owned(),
        rule: rule.clone(),
        deferred: false,
        taken_at_once: mode == BillingMode::Charge,
    })
}

/// The ledger or the plans do not answer: a refusal, unless the operation goes on without them and what it costs can be
/// written down.
async fn outage(
    portcullis: &Portcullis,
    authorized: &Authorized<'_>,
    mode: BillingMode,
    question: PriceQuestion,
    error: &Error,
) -> Result<Billed, Box<Unpaid>> {
    let name = &*authorized.operation.name;
    tracing::error!(
        error = error as &dyn std::error::Error,
        operation = name,
        "a price could not be settled"
    );
    if authorized.operation.body.fail_mode != FailMode::Open {
        return Err(Unpaid::outage());
    }
    let billing = plain(mode, &question);
    let writes = mode != BillingMode::Check && authorized.operation.body.billing.is_some();
    if writes && super::defer::defer(portcullis, question).await.is_err() {
        // What cannot be charged later must not happen now.
        return Err(Unpaid::outage());
    }
    Ok(Billed::Deferred(billing))
}

fn plain(mode: BillingMode, question: &PriceQuestion) -> GuardBilling {
    GuardBilling {
        mode,
        required: question.amount,
        available: None,
        currency: question.currency.clone(),
        billing_account_id: Some(question.account_id.clone()),
        reservation: None,
        overage: false,
    }
}

async fn shown(
    portcullis: &Portcullis,
    authorized: &Authorized<'_>,
    mode: BillingMode,
    question: &PriceQuestion,
    priced: Priced,
) -> GuardBilling {
    let available = available_for(portcullis, authorized, question).await;
    GuardBilling { available, reservation: priced.held, overage: priced.overage, ..plain(mode, question) }
}

async fn refused(
    portcullis: &Portcullis,
    authorized: &Authorized<'_>,
    mode: BillingMode,
    question: &PriceQuestion,
    refusal: LedgerRefusal,
) -> Box<Unpaid> {
    let code = match refusal {
        LedgerRefusal::Insufficient { .. } => GuardCode::CreditsInsufficient,
        LedgerRefusal::Conflict => GuardCode::IdempotencyConflict,
        LedgerRefusal::Invalid => GuardCode::InvalidRequest,
    };
    let mut billing = plain(mode, question);
    if let LedgerRefusal::Insufficient { available } = refusal
        && may_read(portcullis, authorized, &question.account_id).await
    {
        billing.available = available;
    }
    Box::new(Unpaid { billing: Some(billing), ..*Unpaid::new(code, refusal_text(code)) })
}

/// What the wallet holds, for those who may know.
async fn available_for(
    portcullis: &Portcullis,
    authorized: &Authorized<'_>,
    question: &PriceQuestion,
) -> Option<MicroCredits> {
    if !may_read(portcullis, authorized, &question.account_id).await {
        return None;
    }
    portcullis.inner.settings.stages.ledger.available(portcullis, question).await.ok()
}

/// Whether whoever asks may see what is in a wallet: their own, or by `billing:read` in the organization.
async fn may_read(portcullis: &Portcullis, authorized: &Authorized<'_>, account: &str) -> bool {
    let caller = &authorized.bearer.caller;
    if let Caller::User { limited_by: Some(_), .. } = caller {
        return false;
    }
    if caller.principal() == account {
        return true;
    }
    let uri = format!("organizations/{account}");
    let Ok(path) = AskedPath::parse(portcullis.decider().key(), &uri) else { return false };
    let user = Holder::User(caller.principal());
    portcullis.decide(user, &path, "billing:read", Bits::ALLOW).await.unwrap_or(false)
}

fn refusal_text(code: GuardCode) -> &'static str {
    match code {
        GuardCode::SubscriptionRequired => "a subscription is needed",
        GuardCode::SubscriptionPastDue => "a payment is late",
        GuardCode::PlanFeatureMissing => "the plan does not include this",
        GuardCode::SeatRequired => "the user has no seat",
        GuardCode::QuotaExceeded => "the allowance of this period is used up",
        GuardCode::CreditsInsufficient => "the credits are not enough",
        GuardCode::IdempotencyConflict => "the idempotency key was used for another request",
        _ => "what was said about payment cannot be accepted",
    }
}

/// This installation's ledger.
pub(super) struct OwnLedger;

/// What the ledger is asked for.
fn drawn(question: &PriceQuestion) -> ledger::Reserve {
    let mut terms = Terms::of_rule(&question.rule, Some(question.version));
    if question.deferred {
        // It happened: the wallet owes it, whatever it holds.
        terms.overdraft_limit = MicroCredits::MAX;
    }
    ledger::Reserve {
        account_id: question.account_id.clone(),
        currency: Some(question.currency.clone()),
        amount: question.amount,
        key: Some(question.idempotency_key.clone()),
        ttl_secs: Some(question.ttl_seconds),
        operation: Some(question.operation.chars().take(128).collect()),
        subject: Some(question.subject.clone()),
        terms,
        still_held: !question.taken_at_once,
    }
}

/// What the ledger said: an answer, a refusal, or that it does not work.
fn answered(said: Result<CreditReservation, CreditError>) -> Result<Result<Priced, LedgerRefusal>> {
    Ok(match said {
        Ok(done) => {
            let overage = done.overage.is_some_and(|overage| overage > MicroCredits::ZERO);
            let pending = done.state == ReservationState::Pending;
            let held =
                HeldCredits { id: done.reservation_id, amount: done.amount, expires_at: done.expires_at };
            Ok(Priced { held: pending.then_some(held), overage })
        }
        Err(CreditError::Insufficient(shortage)) => {
            Err(LedgerRefusal::Insufficient { available: shortage.available })
        }
        Err(CreditError::IdempotencyConflict | CreditError::Closed) => Err(LedgerRefusal::Conflict),
        Err(CreditError::Invalid(_) | CreditError::NotFound) => Err(LedgerRefusal::Invalid),
        Err(CreditError::Failed(error)) => return Err(error),
    })
}

impl CreditLedger for OwnLedger {
    fn available<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: &'a PriceQuestion,
    ) -> BoxFuture<'a, Result<MicroCredits>> {
        Box::pin(async move {
            let currency = Some(question.currency.as_str());
            let said = ledger::available(portcullis, &question.account_id, currency).await;
            said.map_err(|error| match error {
                CreditError::Failed(error) => error,
                error => Error::internal(error),
            })
        })
    }

    fn reserve<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: &'a PriceQuestion,
    ) -> BoxFuture<'a, Result<Result<Priced, LedgerRefusal>>> {
        Box::pin(async move { answered(ledger::reserve(portcullis, drawn(question)).await) })
    }

    fn charge<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: &'a PriceQuestion,
    ) -> BoxFuture<'a, Result<Result<Priced, LedgerRefusal>>> {
        Box::pin(async move { answered(ledger::charge(portcullis, drawn(question)).await) })
    }

    fn commit<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        reservation_id: &'a str,
        amount: Option<MicroCredits>,
    ) -> BoxFuture<'a, Result<MicroCredits, SettleError>> {
        Box::pin(async move {
            let done = ledger::commit(portcullis, reservation_id, amount, None).await?;
            Ok(done.committed.unwrap_or_default())
        })
    }

    fn release<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        reservation_id: &'a str,
    ) -> BoxFuture<'a, Result<(), SettleError>> {
        Box::pin(async move { Ok(ledger::release(portcullis, reservation_id).await.map(drop)?) })
    }
}
