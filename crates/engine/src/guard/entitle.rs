use portcullis_types::{BoxFuture, GuardCode, Timestamp};
use serde_json::{Map, Value};

use super::context::GuardContext;
use super::registry::RegisteredOperation;
use super::stage::Entitlements;
use crate::change::Unit;
use crate::subscription::{Consumption, Standing, consume, entitlement, has_seat, subscriptions_in_force};
use crate::{Cx, Portcullis, Result};

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
    /// It is included, and each use of this metered feature counts: see [`Entitlements::consume`].
    Metered(String),
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

    fn consume<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: EntitlementQuestion<'a>,
        feature: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Entitled>> {
        Box::pin(async move { consumed(portcullis, question, feature, key).await })
    }
}

/// Where the guard's uses come from, beside the usage events of services.
const SOURCE: &str = "portcullis:guard";

/// Counts a use in one change, with a mark by which its repetition is known. Other units under the same key are another use:
/// nothing is had for a smaller one.
async fn consumed(
    portcullis: &Portcullis,
    question: EntitlementQuestion<'_>,
    feature: &str,
    key: &str,
) -> Result<Entitled> {
    let of_plan = question.context.plan.clone();
    let Some(organization) = question.context.in_force.organization.as_deref().map(str::to_owned) else {
        return Ok(no(GuardCode::SubscriptionRequired, Some(feature), None));
    };
    let (source, mark) = (format!("{SOURCE}/{feature}"), format!("{}/{key}", question.units));
    let (portcullis, feature) = (portcullis.clone(), feature.to_owned());
    let (product, units, now) = (question.operation.body.product_id.clone(), question.units, question.now);
    Portcullis::to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &Cx::local("guard")).await?;
        let queries = unit.queries();
        let standing = subscriptions_in_force(queries, &organization, product.as_deref(), now).await?;
        if !queries.insert_usage_event(&organization, &source, &mark, now).await? {
            return Ok(Entitled::Yes);
        }
        let refused = match consume(&mut unit, &standing, &feature, units, now).await? {
            Consumption::Done(_) => {
                unit.commit().await?;
                return Ok(Entitled::Yes);
            }
            Consumption::QuotaExceeded(_) => GuardCode::QuotaExceeded,
            Consumption::NotInPlan => GuardCode::PlanFeatureMissing,
            Consumption::NoSubscription if standing == Standing::PastDue => GuardCode::SubscriptionPastDue,
            Consumption::NoSubscription => GuardCode::SubscriptionRequired,
        };
        Ok(no(refused, Some(&feature), of_plan.as_deref()))
    })
    .await
}

fn no(code: GuardCode, feature: Option<&str>, plan: Option<&str>) -> Entitled {
    let named = [("feature", feature), ("currentPlan", plan)].into_iter();
    let named = named.filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
    Entitled::No(code, named.collect())
}

async fn entitled(portcullis: &Portcullis, question: EntitlementQuestion<'_>) -> Result<Entitled> {
    let no = |code, feature| Ok(no(code, feature, question.context.plan.as_deref()));
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
        (true, Some(_)) => Ok(Entitled::Metered(feature.to_owned())),
        (true, None) => Ok(Entitled::Yes),
        (false, Some(_)) => no(GuardCode::QuotaExceeded, Some(feature)),
        (false, None) => no(GuardCode::PlanFeatureMissing, Some(feature)),
    }
}
