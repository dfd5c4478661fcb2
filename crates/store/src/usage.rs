use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::Counter;
use portcullis_types::Timestamp;

use crate::Result;
use crate::dialect::{Dialect, for_update, per_backend};

/// Which counter: a metered feature of a subscription, in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageKey<'a> {
    /// The subscription.
    pub subscription_id: &'a str,
    /// The feature.
    pub feature: &'a str,
    /// The period's first instant.
    pub period_start: Timestamp,
}

/// What was used of metered features, and which usage events were counted (tables `pc_usage`, `pc_usage_event`).
#[async_trait]
pub trait Usages: Send {
    /// The counter of this period, or else of the last one before it, and when that began.
    async fn latest_usage(&mut self, key: UsageKey<'_>) -> Result<Option<(Timestamp, Counter)>>;

    /// Makes the period's counter unless there is one, and reads it as nobody else changes it before this transaction ends.
    async fn open_usage(&mut self, key: UsageKey<'_>, carried: i64, at: Timestamp) -> Result<Counter>;

    /// Adds to a counter that is there, unless it would be over `bound`. `None`: nothing was added.
    async fn add_usage(
        &mut self,
        key: UsageKey<'_>,
        units: i64,
        bound: i64,
        at: Timestamp,
    ) -> Result<Option<Counter>>;

    /// Notes that a usage event is counted. False: it was before.
    async fn insert_usage_event(
        &mut self,
        organization_id: &str,
        source: &str,
        event_id: &str,
        at: Timestamp,
    ) -> Result<bool>;

    /// Forgets the oldest events from before `before`, at most `limit`; says how many.
    async fn delete_usage_events(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
}

#[apply(per_backend!)]
#[async_trait]
impl Usages for Conn {
    async fn latest_usage(&mut self, key: UsageKey<'_>) -> Result<Option<(Timestamp, Counter)>> {
        let sql = "SELECT period_start, carried, used FROM pc_usage WHERE subscription_id = $1 AND feature = $2 \
             AND period_start <= $3 ORDER BY period_start DESC LIMIT 1";
        let row = sqlx::query_as::<Db, (i64, i64, i64)>(sql).bind(key.subscription_id).bind(key.feature);
        let row = row.bind(key.period_start.micros()).fetch_optional(&mut *self).await?;
        Ok(row.map(|(start, carried, used)| (Timestamp::from_micros(start), Counter { carried, used })))
    }

    async fn open_usage(&mut self, key: UsageKey<'_>, carried: i64, at: Timestamp) -> Result<Counter> {
        sqlx::query::<Db>(
            "INSERT INTO pc_usage (subscription_id, feature, period_start, carried, used, updated_at) \
             VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT DO NOTHING",
        )
        .bind(key.subscription_id)
        .bind(key.feature)
        .bind(key.period_start.micros())
        .bind(carried)
        .bind(at.micros())
        .execute(&mut *self)
        .await?;
        let sql = for_update!(
            "SELECT carried, used FROM pc_usage WHERE subscription_id = $1 AND feature = $2 AND period_start = $3"
        );
        let row = sqlx::query_as::<Db, (i64, i64)>(sql).bind(key.subscription_id).bind(key.feature);
        let (carried, used) = row.bind(key.period_start.micros()).fetch_one(&mut *self).await?;
        Ok(Counter { carried, used })
    }

    async fn add_usage(
        &mut self,
        key: UsageKey<'_>,
        units: i64,
        bound: i64,
        at: Timestamp,
    ) -> Result<Option<Counter>> {
        let row = sqlx::query_as::<Db, (i64, i64)>(
            "UPDATE pc_usage SET used = used + $4, updated_at = $6 WHERE subscription_id = $1 AND feature = $2 \
             AND period_start = $3 AND used <= $5 RETURNING carried, used",
        )
        .bind(key.subscription_id)
        .bind(key.feature)
        .bind(key.period_start.micros())
        .bind(units)
        .bind(bound.saturating_sub(units))
        .bind(at.micros())
        .fetch_optional(&mut *self)
        .await?;
        Ok(row.map(|(carried, used)| Counter { carried, used }))
    }

    async fn insert_usage_event(
        &mut self,
        organization_id: &str,
        source: &str,
        event_id: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_usage_event (organization_id, source, event_id, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(organization_id)
        .bind(source)
        .bind(event_id)
        .bind(at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_usage_events(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        // Two that clean up at once do not wait for each other.
        let sql = Self::pick(
            "DELETE FROM pc_usage_event WHERE (organization_id, source, event_id) IN \
             (SELECT organization_id, source, event_id FROM pc_usage_event WHERE at < $1 ORDER BY at LIMIT $2)",
            "DELETE FROM pc_usage_event WHERE (organization_id, source, event_id) IN \
             (SELECT organization_id, source, event_id FROM pc_usage_event WHERE at < $1 ORDER BY at LIMIT $2 \
             FOR UPDATE SKIP LOCKED)",
        );
        let done = sqlx::query::<Db>(sql).bind(before.micros()).bind(i64::from(limit));
        Ok(done.execute(&mut *self).await?.rows_affected())
    }
}
