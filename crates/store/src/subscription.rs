use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{StoredPlan, StoredSubscription};
use portcullis_types::Timestamp;
use portcullis_types::subscription::{Seat, SubscriptionStatus};

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::plan;
use crate::{Page, Result, StoreError, body};

/// Subscriptions and their seats (tables `pc_subscription`, `pc_seat`).
#[async_trait]
pub trait Subscriptions: Send {
    /// Adds a subscription. False: the id exists, in this organization or another.
    async fn insert_subscription(&mut self, subscription: &StoredSubscription) -> Result<bool>;

    /// Replaces a subscription. False: there is none of that id in that organization.
    async fn update_subscription(&mut self, subscription: &StoredSubscription) -> Result<bool>;

    /// Deletes a subscription with its seats and its usage. False: there is none of that id.
    async fn delete_subscription(&mut self, subscription_id: &str) -> Result<bool>;

    /// The subscription of that id, whosever it is.
    async fn subscription(&mut self, subscription_id: &str) -> Result<Option<StoredSubscription>>;

    /// The subscription of that id, which nobody else changes before this transaction ends.
    async fn subscription_for_update(&mut self, subscription_id: &str) -> Result<Option<StoredSubscription>>;

    /// An organization's subscriptions in the order of their ids; the filter looks into id, plan and status.
    async fn list_subscriptions(
        &mut self,
        organization_id: &str,
        page: &Page,
    ) -> Result<Vec<StoredSubscription>>;

    /// All subscriptions of an organization with their plans, by id.
    async fn subscriptions_with_plans(
        &mut self,
        organization_id: &str,
    ) -> Result<Vec<(StoredSubscription, StoredPlan)>>;

    /// Whether any subscription names the plan.
    async fn is_plan_used(&mut self, plan_id: &str) -> Result<bool>;

    /// Gives a seat. False: the user has one. Count them before, with the subscription locked.
    async fn insert_seat(&mut self, subscription_id: &str, seat: &Seat) -> Result<bool>;

    /// Takes a seat back. False: the user has none.
    async fn delete_seat(&mut self, subscription_id: &str, user_id: &str) -> Result<bool>;

    /// Whether a user has a seat.
    async fn has_seat(&mut self, subscription_id: &str, user_id: &str) -> Result<bool>;

    /// How many seats are assigned.
    async fn count_seats(&mut self, subscription_id: &str) -> Result<i64>;

    /// Seats in the order of their users' ids. The filter does not count.
    async fn list_seats(&mut self, subscription_id: &str, page: &Page) -> Result<Vec<Seat>>;
}

pub(crate) const STATUSES: [(SubscriptionStatus, &str); 11] = [
    (SubscriptionStatus::Active, "active"),
    (SubscriptionStatus::Trialing, "trialing"),
    (SubscriptionStatus::PastDue, "past_due"),
    (SubscriptionStatus::Canceled, "canceled"),
    (SubscriptionStatus::Paused, "paused"),
    (SubscriptionStatus::Incomplete, "incomplete"),
    (SubscriptionStatus::IncompleteExpired, "incomplete_expired"),
    (SubscriptionStatus::Expired, "expired"),
    (SubscriptionStatus::Completed, "completed"),
    (SubscriptionStatus::Upgraded, "upgraded"),
    (SubscriptionStatus::Downgraded, "downgraded"),
];

fn status_code(status: SubscriptionStatus) -> &'static str {
    STATUSES.iter().find(|(known, _)| *known == status).map_or("", |(_, code)| code)
}

fn folded(subscription: &StoredSubscription) -> String {
    fold_all([
        subscription.subscription_id.as_str(),
        &subscription.plan_id,
        &subscription.product_id,
        status_code(subscription.status),
    ])
}

type Row = (String, String, String, String, String, i64);

fn read(row: Row) -> Result<StoredSubscription> {
    let (subscription_id, organization_id, plan_id, status, text, updated_at) = row;
    let known = STATUSES.iter().find(|(_, code)| *code == status).map(|(known, _)| *known);
    let status = known.ok_or_else(|| {
        StoreError::corrupt(format!("subscription {subscription_id}"), format!("its status is {status:?}"))
    })?;
    let stored = body::decode("subscription", &subscription_id, &text)?;
    Ok(StoredSubscription {
        subscription_id,
        organization_id,
        plan_id,
        status,
        updated_at: Timestamp::from_micros(updated_at),
        ..stored
    })
}

#[derive(sqlx::FromRow)]
struct WithPlan {
    subscription_id: String,
    organization_id: String,
    plan_id: String,
    status: String,
    body: String,
    updated_at: i64,
    product_id: String,
    plan_body: String,
    plan_updated_at: i64,
}

fn read_with_plan(row: WithPlan) -> Result<(StoredSubscription, StoredPlan)> {
    let plan = plan::read((row.plan_id.clone(), row.product_id, row.plan_body, row.plan_updated_at))?;
    let own = (row.subscription_id, row.organization_id, row.plan_id, row.status, row.body, row.updated_at);
    Ok((read(own)?, plan))
}

#[apply(per_backend!)]
#[async_trait]
impl Subscriptions for Conn {
    async fn insert_subscription(&mut self, subscription: &StoredSubscription) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_subscription (subscription_id, organization_id, plan_id, status, body, folded, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(&subscription.subscription_id)
        .bind(&subscription.organization_id)
        .bind(&subscription.plan_id)
        .bind(status_code(subscription.status))
        .bind(body::encode("subscription", subscription)?)
        .bind(folded(subscription))
        .bind(subscription.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_subscription(&mut self, subscription: &StoredSubscription) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_subscription SET plan_id = $3, status = $4, body = $5, folded = $6, updated_at = $7 \
             WHERE subscription_id = $1 AND organization_id = $2",
        )
        .bind(&subscription.subscription_id)
        .bind(&subscription.organization_id)
        .bind(&subscription.plan_id)
        .bind(status_code(subscription.status))
        .bind(body::encode("subscription", subscription)?)
        .bind(folded(subscription))
        .bind(subscription.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_subscription(&mut self, subscription_id: &str) -> Result<bool> {
        let sql = "DELETE FROM pc_subscription WHERE subscription_id = $1";
        let done = sqlx::query::<Db>(sql).bind(subscription_id).execute(&mut *self).await?;
        for sql in [
            "DELETE FROM pc_seat WHERE subscription_id = $1",
            "DELETE FROM pc_usage WHERE subscription_id = $1",
        ] {
            sqlx::query::<Db>(sql).bind(subscription_id).execute(&mut *self).await?;
        }
        Ok(done.rows_affected() > 0)
    }

    async fn subscription(&mut self, subscription_id: &str) -> Result<Option<StoredSubscription>> {
        let sql = "SELECT subscription_id, organization_id, plan_id, status, body, updated_at FROM pc_subscription \
             WHERE subscription_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(subscription_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn subscription_for_update(&mut self, subscription_id: &str) -> Result<Option<StoredSubscription>> {
        let sql = for_update!(
            "SELECT subscription_id, organization_id, plan_id, status, body, updated_at FROM pc_subscription \
             WHERE subscription_id = $1"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(subscription_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_subscriptions(
        &mut self,
        organization_id: &str,
        page: &Page,
    ) -> Result<Vec<StoredSubscription>> {
        let sql = filtered!(
            "SELECT subscription_id, organization_id, plan_id, status, body, updated_at FROM pc_subscription \
             WHERE organization_id = $4 AND subscription_id >= $1",
            "ORDER BY subscription_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.bind(organization_id).fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn subscriptions_with_plans(
        &mut self,
        organization_id: &str,
    ) -> Result<Vec<(StoredSubscription, StoredPlan)>> {
        let sql = "SELECT s.subscription_id, s.organization_id, s.plan_id, s.status, s.body, s.updated_at, p.product_id, \
             p.body AS plan_body, p.updated_at AS plan_updated_at FROM pc_subscription s \
             JOIN pc_plan p ON p.plan_id = s.plan_id WHERE s.organization_id = $1 ORDER BY s.subscription_id";
        let rows = sqlx::query_as::<Db, WithPlan>(sql).bind(organization_id).fetch_all(&mut *self).await?;
        rows.into_iter().map(read_with_plan).collect()
    }

    async fn is_plan_used(&mut self, plan_id: &str) -> Result<bool> {
        let sql = "SELECT subscription_id FROM pc_subscription WHERE plan_id = $1 LIMIT 1";
        let found = sqlx::query_scalar::<Db, String>(sql).bind(plan_id).fetch_optional(&mut *self).await?;
        Ok(found.is_some())
    }

    async fn insert_seat(&mut self, subscription_id: &str, seat: &Seat) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_seat (subscription_id, user_id, assigned_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(subscription_id)
        .bind(&seat.user_id)
        .bind(seat.assigned_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_seat(&mut self, subscription_id: &str, user_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_seat WHERE subscription_id = $1 AND user_id = $2");
        Ok(done.bind(subscription_id).bind(user_id).execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn has_seat(&mut self, subscription_id: &str, user_id: &str) -> Result<bool> {
        let sql = "SELECT user_id FROM pc_seat WHERE subscription_id = $1 AND user_id = $2";
        let found = sqlx::query_scalar::<Db, String>(sql).bind(subscription_id).bind(user_id);
        Ok(found.fetch_optional(&mut *self).await?.is_some())
    }

    async fn count_seats(&mut self, subscription_id: &str) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM pc_seat WHERE subscription_id = $1";
        Ok(sqlx::query_scalar::<Db, i64>(sql).bind(subscription_id).fetch_one(&mut *self).await?)
    }

    async fn list_seats(&mut self, subscription_id: &str, page: &Page) -> Result<Vec<Seat>> {
        let sql = "SELECT user_id, assigned_at FROM pc_seat WHERE subscription_id = $1 AND user_id >= $2 \
             ORDER BY user_id LIMIT $3";
        let rows = sqlx::query_as::<Db, (String, i64)>(sql).bind(subscription_id).bind(page.start());
        let rows = rows.bind(page.limit()).fetch_all(&mut *self).await?;
        let seat = |(user_id, at)| Seat { user_id, assigned_at: Timestamp::from_micros(at) };
        Ok(rows.into_iter().map(seat).collect())
    }
}
