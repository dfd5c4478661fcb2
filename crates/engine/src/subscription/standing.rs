use std::collections::{BTreeMap, BTreeSet};

use portcullis_domain::{StoredPlan, StoredSubscription, SubscriptionAccess};
use portcullis_store::Queries;
use portcullis_types::Timestamp;

use crate::Result;

/// A usable subscription and its plan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InForce {
    pub(crate) subscription: StoredSubscription,
    pub(crate) plan: StoredPlan,
}

/// What an organization may use.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Standing {
    /// At least one subscription, the one with the highest plan first.
    InForce(Vec<InForce>),
    /// None that may be used.
    SubscriptionRequired,
    /// None that may be used, and for one of them a payment is late.
    PastDue,
}

/// The subscriptions of an organization that may be used at `now`, of one product or of all. An upgraded or downgraded one is
/// answered for by its successor, also when that is of another product.
pub(crate) async fn subscriptions_in_force(
    queries: &mut dyn Queries,
    organization_id: &str,
    product_id: Option<&str>,
    now: Timestamp,
) -> Result<Standing> {
    let all = queries.subscriptions_with_plans(organization_id).await?;
    let wanted = all.iter().filter(|(_, plan)| product_id.is_none_or(|product| plan.product_id == product));
    let wanted: Vec<&str> = wanted.map(|(one, _)| one.subscription_id.as_str()).collect();
    let by_id: BTreeMap<&str, &(StoredSubscription, StoredPlan)> =
        all.iter().map(|both| (both.0.subscription_id.as_str(), both)).collect();
    let mut seen = BTreeSet::new();
    let (mut usable, mut late) = (Vec::new(), false);
    for mut id in wanted {
        // A circle of successors ends where it comes by for the second time.
        while let Some((subscription, plan)) = by_id.get(id).copied().filter(|_| seen.insert(id)) {
            if let Some(successor) = subscription.successor() {
                id = successor;
                continue;
            }
            match subscription.access(now, plan.grace_days) {
                SubscriptionAccess::Yes => {
                    usable.push(InForce { subscription: subscription.clone(), plan: plan.clone() });
                }
                SubscriptionAccess::PastDue => late = true,
                SubscriptionAccess::No => {}
            }
            break;
        }
    }
    // Of equal rank the older one first: ids grow.
    usable.sort_by(|a, b| {
        let rank = b.plan.rank.cmp(&a.plan.rank);
        rank.then_with(|| a.subscription.subscription_id.cmp(&b.subscription.subscription_id))
    });
    Ok(match (usable.is_empty(), late) {
        (false, _) => Standing::InForce(usable),
        (true, true) => Standing::PastDue,
        (true, false) => Standing::SubscriptionRequired,
    })
}

/// Whether a user has a seat in one of them, or one of them does not count seats.
pub(crate) async fn has_seat(queries: &mut dyn Queries, in_force: &[InForce], user_id: &str) -> Result<bool> {
    for InForce { subscription, .. } in in_force {
        if subscription.seat_count.is_none()
            || queries.has_seat(&subscription.subscription_id, user_id).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
