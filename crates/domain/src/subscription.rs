use portcullis_types::authress::Links;
use portcullis_types::plan::Recurrence;
use portcullis_types::subscription::{Subscription, SubscriptionBody, SubscriptionStatus};
use portcullis_types::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::limits;
use crate::organization::check_id;

/// What an organization bought, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSubscription {
    /// See [`portcullis_types::id::plain_id`].
    pub subscription_id: String,
    /// Whose it is; never changes.
    pub organization_id: String,
    /// The plan's product.
    pub product_id: String,
    /// The plan.
    pub plan_id: String,
    /// Where it is in its life.
    pub status: SubscriptionStatus,
    /// When it begins; periods are counted from here.
    pub start_date: Timestamp,
    /// When it ends.
    pub end_date: Option<Timestamp>,
    /// How often it is paid.
    pub recurrence: Recurrence,
    /// Whether it goes on after its end.
    pub auto_renewal: bool,
    /// How many members may have a seat; not counted when absent.
    pub seat_count: Option<i64>,
    /// When the next payment is due.
    pub next_billing_date: Option<Timestamp>,
    /// When it was canceled.
    pub canceled_at: Option<Timestamp>,
    /// The subscription that took its place.
    pub successor_id: Option<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Whether a subscription may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionAccess {
    /// It may.
    Yes,
    /// A payment is late for longer than the grace.
    PastDue,
    /// It may not, or not any more, or not yet.
    No,
}

const DAY: i64 = 24 * 60 * 60;

impl StoredSubscription {
    /// Makes a subscription of a request's body. `stored` is the one that it replaces.
    ///
    /// # Errors
    /// [`FieldError`] with the name of what is out of bounds, or of a status that does not follow from the one before.
    pub fn from_body(
        body: SubscriptionBody,
        (subscription_id, organization_id, product_id): (String, String, String),
        stored: Option<&Self>,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        check_id("subscriptionId", &subscription_id)?;
        check_id("planId", &body.plan_id)?;
        if let Some(successor) = &body.successor_id {
            check_id("successorId", successor)?;
        }
        let kept = stored.map(|stored| (stored.status, stored.start_date));
        let status = body.status.or(kept.map(|(status, _)| status)).unwrap_or(SubscriptionStatus::Active);
        if kept.is_some_and(|(before, _)| !may_follow(before, status)) {
            return Err(FieldError::new("status", "a status that may follow the present one"));
        }
        if body.successor_id.as_deref() == Some(&subscription_id) {
            return Err(FieldError::new("successorId", "another subscription"));
        }
        let start_date = body.start_date.or(kept.map(|(_, start)| start)).unwrap_or(now);
        if start_date.plus_months(0).is_none() {
            return Err(FieldError::new("startDate", "an instant of the calendar"));
        }
        if body.end_date.is_some_and(|end| end <= start_date) {
            return Err(FieldError::new("endDate", "an instant after startDate"));
        }
        if let Some(seats) = body.seat_count {
            limits::amount("seatCount", seats, 0, 1_000_000)?;
        }
        let canceled = status == SubscriptionStatus::Canceled;
        let canceled_at = stored.and_then(|stored| stored.canceled_at).filter(|_| canceled);
        Ok(Self {
            subscription_id,
            organization_id,
            product_id,
            plan_id: body.plan_id,
            status,
            start_date,
            end_date: body.end_date,
            recurrence: body.recurrence.unwrap_or(Recurrence::Monthly),
            auto_renewal: body.auto_renewal.unwrap_or(true),
            seat_count: body.seat_count,
            next_billing_date: body.next_billing_date,
            canceled_at: canceled_at.or(canceled.then_some(now)),
            successor_id: body.successor_id,
            updated_at: now,
        })
    }

    /// Whether it may be used at `now` (spec `guard-request.md` §4). Nothing may before its start; what renews by itself has
    /// no end, unless it was canceled. A late payment whose date is not known has no grace.
    pub fn access(&self, now: Timestamp, grace_days: u16) -> SubscriptionAccess {
        use SubscriptionStatus as S;
        let yes = |yes: bool| if yes { SubscriptionAccess::Yes } else { SubscriptionAccess::No };
        if now < self.start_date {
            return SubscriptionAccess::No;
        }
        match self.status {
            S::Active | S::Trialing => yes(self.auto_renewal || self.end_date.is_none_or(|end| now < end)),
            S::PastDue => {
                let grace = DAY.saturating_mul(i64::from(grace_days));
                match self.next_billing_date {
                    Some(due) if now < due.plus_secs(grace) => SubscriptionAccess::Yes,
                    _ => SubscriptionAccess::PastDue,
                }
            }
            S::Canceled => yes(self.end_date.is_some_and(|end| now < end)),
            S::Paused | S::Incomplete | S::IncompleteExpired | S::Expired | S::Completed => {
                SubscriptionAccess::No
            }
            // Their successors answer for them.
            S::Upgraded | S::Downgraded => SubscriptionAccess::No,
        }
    }

    /// The subscription that took its place, if one did.
    pub fn successor(&self) -> Option<&str> {
        let superseded = matches!(self.status, SubscriptionStatus::Upgraded | SubscriptionStatus::Downgraded);
        self.successor_id.as_deref().filter(|_| superseded)
    }

    /// The subscription as the API shows it.
    pub fn wire(&self, links: Links) -> Subscription {
        Subscription {
            subscription_id: self.subscription_id.clone(),
            organization_id: self.organization_id.clone(),
            product_id: self.product_id.clone(),
            plan_id: self.plan_id.clone(),
            status: self.status,
            start_date: self.start_date,
            end_date: self.end_date,
            recurrence: self.recurrence,
            auto_renewal: self.auto_renewal,
            seat_count: self.seat_count,
            next_billing_date: self.next_billing_date,
            canceled_at: self.canceled_at,
            successor_id: self.successor_id.clone(),
            last_updated: self.updated_at,
            links,
        }
    }
}

/// The state machine: what has ended or was replaced stays so.
fn may_follow(before: SubscriptionStatus, after: SubscriptionStatus) -> bool {
    use SubscriptionStatus as S;
    if before == after {
        return true;
    }
    match before {
        S::Incomplete => matches!(after, S::Active | S::Trialing | S::IncompleteExpired | S::Canceled),
        S::Trialing | S::Active | S::PastDue | S::Paused => {
            !matches!(after, S::Incomplete | S::IncompleteExpired)
                && (after != S::Trialing || before == S::Paused)
        }
        S::Canceled => matches!(after, S::Active | S::Expired | S::Completed),
        S::IncompleteExpired | S::Expired | S::Completed | S::Upgraded | S::Downgraded => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SubscriptionAccess::{No, PastDue, Yes};
    use SubscriptionStatus as S;

    const START: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn subscription(status: S, end: Option<i64>, billing: Option<i64>, renews: bool) -> StoredSubscription {
        let body = SubscriptionBody {
            plan_id: "gold".into(),
            auto_renewal: Some(renews),
            end_date: end.map(|secs| START.plus_secs(secs)),
            next_billing_date: billing.map(|secs| START.plus_secs(secs)),
            status: Some(status),
            ..serde_json::from_str(r#"{"planId": "gold"}"#).unwrap()
        };
        let ids = ("sub".to_owned(), "org".to_owned(), "product".to_owned());
        StoredSubscription::from_body(body, ids, None, START).unwrap()
    }

    #[test]
    fn each_status_gives_the_access_of_the_table_to_the_second() {
        let week = 7 * DAY;
        let cases = [
            (S::Active, None, None, true, 0, Yes),
            (S::Active, None, None, true, -1, No),
            (S::Active, Some(10), None, true, 10, Yes),
            (S::Active, Some(10), None, false, 9, Yes),
            (S::Active, Some(10), None, false, 10, No),
            (S::Trialing, None, None, true, 5, Yes),
            (S::Trialing, Some(10), None, false, 10, No),
            (S::PastDue, None, Some(5), true, 5, Yes),
            (S::PastDue, None, Some(5), true, 5 + week - 1, Yes),
            (S::PastDue, None, Some(5), true, 5 + week, PastDue),
            (S::PastDue, None, None, true, 5, PastDue),
            (S::Canceled, Some(10), None, true, 9, Yes),
            (S::Canceled, Some(10), None, true, 10, No),
            (S::Canceled, None, None, true, 1, No),
            (S::Paused, None, None, true, 1, No),
            (S::Incomplete, None, None, true, 1, No),
            (S::IncompleteExpired, None, None, true, 1, No),
            (S::Expired, None, None, true, 1, No),
            (S::Completed, None, None, true, 1, No),
            (S::Upgraded, None, None, true, 1, No),
            (S::Downgraded, None, None, true, 1, No),
        ];
        for (status, end, billing, renews, after, expected) in cases {
            let access = subscription(status, end, billing, renews).access(START.plus_secs(after), 7);
            assert_eq!(access, expected, "{status:?} {end:?} {billing:?} at {after}");
        }
    }

    #[test]
    fn what_has_ended_stays_ended() {
        let all = [
            S::Active,
            S::Trialing,
            S::PastDue,
            S::Canceled,
            S::Paused,
            S::Incomplete,
            S::IncompleteExpired,
            S::Expired,
            S::Completed,
            S::Upgraded,
            S::Downgraded,
        ];
        for after in all {
            for ended in [S::IncompleteExpired, S::Expired, S::Completed, S::Upgraded, S::Downgraded] {
                assert_eq!(may_follow(ended, after), ended == after, "{ended:?} {after:?}");
            }
            assert!(may_follow(after, after));
        }
        assert!(may_follow(S::Incomplete, S::Active) && !may_follow(S::Active, S::Incomplete));
        assert!(may_follow(S::Canceled, S::Active) && !may_follow(S::Canceled, S::Paused));
    }

    #[test]
    fn only_a_superseded_subscription_has_a_successor() {
        let mut one = subscription(S::Upgraded, None, None, true);
        one.successor_id = Some("next".into());
        assert_eq!(one.successor(), Some("next"));
        one.status = S::Expired;
        assert_eq!(one.successor(), None);
    }
}
