use std::collections::BTreeMap;

use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::credits::{GrantChange, GrantMoved, StoredGrant};
use portcullis_types::credits::{CreditCategory, CreditGrantState};
use portcullis_types::{MicroCredits, Timestamp};

use crate::dialect::{Dialect, per_backend};
use crate::page::start;
use crate::{Result, StoreError, body};

/// Grants of credits (table `pc_credit_grant`). Those that write need the lock of the wallet, see
/// [`CreditAccounts`](crate::CreditAccounts).
#[async_trait]
pub trait CreditGrants: Send {
    /// Adds a grant. False: the id exists.
    async fn insert_credit_grant(&mut self, grant: &StoredGrant) -> Result<bool>;

    /// The grant of that id.
    async fn credit_grant(&mut self, grant_id: &str) -> Result<Option<StoredGrant>>;

    /// The grants of a wallet, in the order of their ids.
    async fn credit_grants(
        &mut self,
        wallet: i64,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredGrant>>;

    /// Live grants of a wallet that have something free, in burn order, without the first `skip`.
    async fn spendable_grants(&mut self, wallet: i64, skip: u32, limit: u32) -> Result<Vec<StoredGrant>>;

    /// What is free in the live grants of a wallet, by category.
    async fn free_by_category(&mut self, wallet: i64) -> Result<Vec<(CreditCategory, MicroCredits)>>;

    /// Makes grants live whose time has come, and gives them.
    async fn begin_grants(&mut self, wallet: i64, now: Timestamp) -> Result<Vec<StoredGrant>>;

    /// Live grants whose time is over, the first to expire first.
    async fn overdue_grants(&mut self, wallet: i64, now: Timestamp, limit: u32) -> Result<Vec<StoredGrant>>;

    /// Moves credits of grants, by their ids, and says what became of each. A grant of which nothing remains ends.
    async fn move_grants(&mut self, changes: &BTreeMap<String, GrantChange>) -> Result<Vec<GrantMoved>>;

    /// Notes that a grant was voided.
    async fn mark_voided(&mut self, grant_id: &str, at: Timestamp) -> Result<()>;
}

#[derive(sqlx::FromRow)]
struct Row {
    grant_id: String,
    wallet: i64,
    amount: i64,
    remaining: i64,
    held: i64,
    category: i64,
    priority: i64,
    effective_at: i64,
    expires_at: i64,
    source_ref: Option<String>,
    phase: i64,
    voided_at: Option<i64>,
    created_at: i64,
}

/// In the order in which they are used up.
const CATEGORIES: [CreditCategory; 4] =
    [CreditCategory::Promotional, CreditCategory::Plan, CreditCategory::Refund, CreditCategory::Paid];
const PHASES: [CreditGrantState; 3] =
    [CreditGrantState::Waiting, CreditGrantState::Live, CreditGrantState::Ended];

/// The number under which a choice is stored.
pub(crate) fn code_of<T: PartialEq>(all: &[T], one: &T) -> i64 {
    all.iter().position(|other| other == one).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
}

/// The choice behind a number.
pub(crate) fn of_code<T: Copy>(all: &[T], code: i64, what: &'static str) -> Result<T> {
    let found = usize::try_from(code).ok().and_then(|at| all.get(at)).copied();
    found.ok_or_else(|| StoreError::corrupt(what, format!("unknown code {code}")))
}

fn read(row: Row) -> Result<StoredGrant> {
    Ok(StoredGrant {
        grant_id: row.grant_id,
        wallet: row.wallet,
        amount: MicroCredits(row.amount),
        remaining: MicroCredits(row.remaining),
        held: MicroCredits(row.held),
        category: of_code(&CATEGORIES, row.category, "category of a grant")?,
        priority: row.priority,
        effective_at: Timestamp::from_micros(row.effective_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        source_ref: row.source_ref,
        state: of_code(&PHASES, row.phase, "phase of a grant")?,
        voided_at: body::instant(row.voided_at),
        created_at: Timestamp::from_micros(row.created_at),
    })
}

#[apply(per_backend!)]
#[async_trait]
impl CreditGrants for Conn {
    async fn insert_credit_grant(&mut self, grant: &StoredGrant) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_credit_grant (grant_id, wallet, amount, remaining, held, category, priority, effective_at, \
             expires_at, source_ref, phase, voided_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
        )
        .bind(&grant.grant_id)
        .bind(grant.wallet)
        .bind(grant.amount.0)
        .bind(grant.remaining.0)
        .bind(grant.held.0)
        .bind(code_of(&CATEGORIES, &grant.category))
        .bind(grant.priority)
        .bind(grant.effective_at.micros())
        .bind(grant.expires_at.micros())
        .bind(grant.source_ref.as_deref())
        .bind(code_of(&PHASES, &grant.state))
        .bind(grant.voided_at.map(Timestamp::micros))
        .bind(grant.created_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn credit_grant(&mut self, grant_id: &str) -> Result<Option<StoredGrant>> {
        let sql = "SELECT grant_id, wallet, amount, remaining, held, category, priority, effective_at, expires_at, \
             source_ref, phase, voided_at, created_at FROM pc_credit_grant WHERE grant_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(grant_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn credit_grants(
        &mut self,
        wallet: i64,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredGrant>> {
        let sql = "SELECT grant_id, wallet, amount, remaining, held, category, priority, effective_at, expires_at, \
             source_ref, phase, voided_at, created_at FROM pc_credit_grant WHERE wallet = $1 AND grant_id >= $2 \
             ORDER BY grant_id LIMIT $3";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(wallet).bind(start(after)).bind(i64::from(limit));
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn spendable_grants(&mut self, wallet: i64, skip: u32, limit: u32) -> Result<Vec<StoredGrant>> {
        let sql = "SELECT grant_id, wallet, amount, remaining, held, category, priority, effective_at, expires_at, \
             source_ref, phase, voided_at, created_at FROM pc_credit_grant \
             WHERE wallet = $1 AND phase = 1 AND remaining > held \
             ORDER BY priority, expires_at, category, created_at, grant_id LIMIT $2 OFFSET $3";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(wallet).bind(i64::from(limit)).bind(i64::from(skip));
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn free_by_category(&mut self, wallet: i64) -> Result<Vec<(CreditCategory, MicroCredits)>> {
        let rows = sqlx::query_as::<Db, (i64, i64)>(
            "SELECT category, CAST(COALESCE(SUM(remaining - held), 0) AS BIGINT) FROM pc_credit_grant \
             WHERE wallet = $1 AND phase = 1 GROUP BY category ORDER BY category",
        )
        .bind(wallet)
        .fetch_all(&mut *self)
        .await?;
        let read =
            |(code, free)| Ok((of_code(&CATEGORIES, code, "category of a grant")?, MicroCredits(free)));
        rows.into_iter().map(read).collect()
    }

    async fn begin_grants(&mut self, wallet: i64, now: Timestamp) -> Result<Vec<StoredGrant>> {
        let sql = "UPDATE pc_credit_grant SET phase = 1 WHERE wallet = $1 AND phase = 0 AND effective_at <= $2 \
             RETURNING grant_id, wallet, amount, remaining, held, category, priority, effective_at, expires_at, \
             source_ref, phase, voided_at, created_at";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(wallet).bind(now.micros());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn overdue_grants(&mut self, wallet: i64, now: Timestamp, limit: u32) -> Result<Vec<StoredGrant>> {
        let sql = "SELECT grant_id, wallet, amount, remaining, held, category, priority, effective_at, expires_at, \
             source_ref, phase, voided_at, created_at FROM pc_credit_grant \
             WHERE wallet = $1 AND phase = 1 AND expires_at <= $2 ORDER BY expires_at LIMIT $3";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(wallet).bind(now.micros()).bind(i64::from(limit));
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn move_grants(&mut self, changes: &BTreeMap<String, GrantChange>) -> Result<Vec<GrantMoved>> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        // PostgreSQL guesses that the JSON holds a hundred changes; the array, of which it guesses less, keeps it from
        // reading a whole index for that. Each change: id, to what remains, to what is held, what comes back, whether it ends. What comes back to a grant
        // that has ended does not stay there.
        let sql = Self::pick(
            "UPDATE pc_credit_grant SET held = held + (e.value ->> 2), \
             remaining = remaining + (e.value ->> 1) - CASE phase WHEN 2 THEN e.value ->> 3 ELSE 0 END, \
             phase = CASE WHEN e.value ->> 4 = 1 OR remaining + (e.value ->> 1) = 0 THEN 2 ELSE phase END \
             FROM json_each($1) AS e WHERE grant_id = e.value ->> 0 RETURNING grant_id, phase, voided_at",
            "UPDATE pc_credit_grant SET held = held + (e.v ->> 2)::bigint, \
             remaining = remaining + (e.v ->> 1)::bigint - CASE phase WHEN 2 THEN (e.v ->> 3)::bigint ELSE 0 END, \
             phase = CASE WHEN (e.v ->> 4)::bigint = 1 OR remaining + (e.v ->> 1)::bigint = 0 THEN 2 ELSE phase END \
             FROM json_array_elements($1::json) AS e (v) WHERE grant_id = e.v ->> 0 \
             AND grant_id = ANY (ARRAY(SELECT i.v ->> 0 FROM json_array_elements($1::json) AS i (v))) \
             RETURNING grant_id, phase, voided_at",
        );
        let rows: Vec<_> = changes
            .iter()
            .map(|(id, change)| (id, change.remaining, change.held, change.back, i64::from(change.ends)))
            .collect();
        let moved = sqlx::query_as::<Db, (String, i64, Option<i64>)>(sql)
            .bind(body::encode("grant change", &rows)?)
            .fetch_all(&mut *self)
            .await?;
        if moved.len() != changes.len() {
            return Err(StoreError::corrupt("grants of a wallet", "a grant that is named is not there"));
        }
        let read = |(grant_id, phase, voided_at): (String, i64, Option<i64>)| GrantMoved {
            grant_id,
            ended: phase == 2,
            voided: voided_at.is_some(),
        };
        Ok(moved.into_iter().map(read).collect())
    }

    async fn mark_voided(&mut self, grant_id: &str, at: Timestamp) -> Result<()> {
        let sql = "UPDATE pc_credit_grant SET voided_at = $2, phase = 2 WHERE grant_id = $1";
        sqlx::query::<Db>(sql).bind(grant_id).bind(at.micros()).execute(&mut *self).await?;
        Ok(())
    }
}
