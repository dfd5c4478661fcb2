use portcullis_types::{BoxFuture, GuardCode, Timestamp};
use serde_json::{Map, Value};

use super::context::GuardContext;
use super::registry::RegisteredOperation;
use super::stage::Entitlements;
use crate::subscription::{Standing, entitlement, has_seat, subscriptions_in_force};
use crate::{Portcullis, Result};

/// What stage 5 is asked.
#[derive(Clone, Copy)]
pub struct EntitlementQuestion<'a> {
    /// Who, and where.
    pub context: &'a GuardContext,
    /// What.
    pub operation: &'a RegisteredOperation,
    /// How many units of a metered feature: at least 1.
    pub units: i64,
    /// When.
    pub now: Timestamp,
}

/// What stage 5 answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Entitled {
    /// It is included.
    Yes,
    /// It is not, and why.
    No(GuardCode, Map<String, Value>),
}

/// The subscriptions of the organization in force.
pub(super) struct OwnEntitlements;

impl Entitlements for OwnEntitlements {
    fn entitled<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: EntitlementQuestion<'a>,
    ) -> BoxFuture<'a, Result<Entitled>> {
        Box::pin(async move { entitled(portcullis, question).await })
    }
}

async fn entitled(portcullis: &Portcullis, question: EntitlementQuestion<'_>) -> Result<Entitled> {
    let no = |code, feature: Option<&str>| {
        let plan = question.context.plan.as_deref();
        let named = [("feature", feature), ("currentPlan", plan)].into_iter();
        let named = named.filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
        Ok(Entitled::No(code, named.collect()))
    };
    let body = &question.operation.body;
    let rule = body.billing.as_ref();
    let feature = body.feature.as_deref().or_else(|| rule.and_then(|rule| rule.feature.as_deref()));
    let Some(organization) = question.context.in_force.organization.as_deref() else {
        return no(GuardCode::SubscriptionRequired, feature);
    };
    let mut snapshot = portcullis.read().await?;
    let (queries, product) = (snapshot.queries(), body.product_id.as_deref());
    let usable = match subscriptions_in_force(queries, organization, product, question.now).await? {
        Standing::InForce(usable) => usable,
        Standing::PastDue => return no(GuardCode::SubscriptionPastDue, feature),
        Standing::SubscriptionRequired => return no(GuardCode::SubscriptionRequired, feature),
    };
    let subject = question.context.context.subject().unwrap_or_default();
    if body.needs_seat && !has_seat(queries, &usable, subject).await? {
        return no(GuardCode::SeatRequired, feature);
    }
    let Some(feature) = feature else { return Ok(Entitled::Yes) };
    let found = entitlement(queries, &usable, feature, question.units, question.now).await?;
    match (found.has_access, found.balance) {
        (true, _) => Ok(Entitled::Yes),
        (false, Some(_)) => no(GuardCode::QuotaExceeded, Some(feature)),
        (false, None) => no(GuardCode::PlanFeatureMissing, Some(feature)),
    }
}
