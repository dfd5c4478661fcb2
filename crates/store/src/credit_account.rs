use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::credits::Wallet;
use portcullis_types::{MicroCredits, Timestamp};

use crate::Result;
use crate::dialect::{for_update, per_backend};

/// Wallets (table `pc_credit_account`). The row of a wallet is the lock of everything in it: whoever writes grants,
/// reservations or entries of a wallet has read it with one of the `…_for_update` first.
#[async_trait]
pub trait CreditAccounts: Send {
    /// Makes a wallet without credits. False: there is one.
    async fn create_wallet(&mut self, account_id: &str, currency: &str, at: Timestamp) -> Result<bool>;

    /// A wallet, which nobody else changes before this transaction ends.
    async fn wallet_for_update(&mut self, account_id: &str, currency: &str) -> Result<Option<Wallet>>;

    /// The wallet of a reservation, likewise.
    async fn wallet_of_reservation_for_update(&mut self, reservation_id: &str) -> Result<Option<Wallet>>;

    /// The wallet of a reservation, to look at.
    async fn wallet_of_reservation(&mut self, reservation_id: &str) -> Result<Option<Wallet>>;

    /// The wallet of a grant, which nobody else changes before this transaction ends.
    async fn wallet_of_grant_for_update(&mut self, grant_id: &str) -> Result<Option<Wallet>>;

    /// The wallets of an account, in the order of their currencies.
    async fn wallets(&mut self, account_id: &str) -> Result<Vec<Wallet>>;

    /// Every wallet after row `id`, in the order of the rows.
    async fn wallets_after(&mut self, id: i64, limit: u32) -> Result<Vec<Wallet>>;

    /// The wallets in which something ends or begins by itself until `now`, the longest overdue first.
    async fn due_wallets(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Wallet>>;

    /// When the next hold lapses, the next grant expires or becomes effective; [`Wallet::NEVER`] if none does.
    async fn next_due(&mut self, wallet: i64) -> Result<Timestamp>;

    /// Writes the balances of a wallet.
    async fn save_wallet(&mut self, wallet: &Wallet) -> Result<()>;
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    account_id: String,
    currency: String,
    available: i64,
    held: i64,
    waiting: i64,
    overdraft: i64,
    overdraft_held: i64,
    overdraft_limit: i64,
    txn: i64,
    due_at: i64,
}

fn read(row: Row) -> Wallet {
    Wallet {
        id: row.id,
        account_id: row.account_id,
        currency: row.currency,
        available: MicroCredits(row.available),
        held: MicroCredits(row.held),
        waiting: MicroCredits(row.waiting),
        overdraft: MicroCredits(row.overdraft),
        overdraft_held: MicroCredits(row.overdraft_held),
        overdraft_limit: MicroCredits(row.overdraft_limit),
        transaction: row.txn,
        due_at: Timestamp::from_micros(row.due_at),
    }
}

#[apply(per_backend!)]
#[async_trait]
impl CreditAccounts for Conn {
    async fn create_wallet(&mut self, account_id: &str, currency: &str, at: Timestamp) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_credit_account (account_id, currency, available, held, waiting, overdraft, overdraft_held, \
             overdraft_limit, txn, due_at, created_at) VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(account_id)
        .bind(currency)
        .bind(Wallet::NEVER.micros())
        .bind(at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn wallet_for_update(&mut self, account_id: &str, currency: &str) -> Result<Option<Wallet>> {
        let sql = for_update!(
            "SELECT id, account_id, currency, available, held, waiting, overdraft, overdraft_held, overdraft_limit, \
             txn, due_at FROM pc_credit_account WHERE account_id = $1 AND currency = $2"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(account_id).bind(currency);
        Ok(row.fetch_optional(&mut *self).await?.map(read))
    }

    async fn wallet_of_reservation_for_update(&mut self, reservation_id: &str) -> Result<Option<Wallet>> {
        // A reservation never moves to another wallet, so the inner row may be read before the lock is had.
        let sql = for_update!(
            "SELECT id, account_id, currency, available, held, waiting, overdraft, overdraft_held, overdraft_limit, \
             txn, due_at FROM pc_credit_account WHERE id = (SELECT wallet FROM pc_credit_reservation WHERE reservation_id = $1)"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(reservation_id);
        Ok(row.fetch_optional(&mut *self).await?.map(read))
    }

    async fn wallet_of_reservation(&mut self, reservation_id: &str) -> Result<Option<Wallet>> {
        let sql = "SELECT id, account_id, currency, available, held, waiting, overdraft, overdraft_held, overdraft_limit, \
             txn, due_at FROM pc_credit_account WHERE id = (SELECT wallet FROM pc_credit_reservation WHERE reservation_id = $1)";
        let row = sqlx::query_as::<Db, Row>(sql).bind(reservation_id);
        Ok(row.fetch_optional(&mut *self).await?.map(read))
    }

    async fn wallet_of_grant_for_update(&mut self, grant_id: &str) -> Result<Option<Wallet>> {
        let sql = for_update!(
            "SELECT id, account_id, currency, available, held, waiting, overdraft, overdraft_held, overdraft_limit, \
             txn, due_at FROM pc_credit_account WHERE id = (SELECT wallet FROM pc_credit_grant WHERE grant_id = $1)"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(grant_id);
        Ok(row.fetch_optional(&mut *self).await?.map(read))
    }

    async fn wallets(&mut self, account_id: &str) -> Result<Vec<Wallet>> {
        let sql = "SELECT id, account_id, currency, available, held, waiting, overdraft, overdraft_held, overdraft_limit, \
             txn, due_at FROM pc_credit_account WHERE account_id = $1 ORDER BY currency";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(account_id).fetch_all(&mut *self).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    async fn wallets_after(&mut self, id: i64, limit: u32) -> Result<Vec<Wallet>> {
        let sql = "SELECT id, account_id, currency, available, held, waiting, overdraft, overdraft_held, overdraft_limit, \
             txn, due_at FROM pc_credit_account WHERE id > $1 ORDER BY id LIMIT $2";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(id).bind(i64::from(limit));
        Ok(rows.fetch_all(&mut *self).await?.into_iter().map(read).collect())
    }

    async fn due_wallets(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Wallet>> {
        let sql = "SELECT id, account_id, currency, available, held, waiting, overdraft, overdraft_held, overdraft_limit, \
             txn, due_at FROM pc_credit_account WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(now.micros()).bind(i64::from(limit));
        Ok(rows.fetch_all(&mut *self).await?.into_iter().map(read).collect())
    }

    async fn next_due(&mut self, wallet: i64) -> Result<Timestamp> {
        let turns = sqlx::query_as::<Db, (Option<i64>, Option<i64>, Option<i64>)>(
            "SELECT (SELECT expires_at FROM pc_credit_reservation WHERE wallet = $1 AND state = 0 ORDER BY expires_at LIMIT 1), \
             (SELECT expires_at FROM pc_credit_grant WHERE wallet = $1 AND phase = 1 ORDER BY expires_at LIMIT 1), \
             (SELECT effective_at FROM pc_credit_grant WHERE wallet = $1 AND phase = 0 ORDER BY effective_at LIMIT 1)",
        )
        .bind(wallet)
        .fetch_one(&mut *self)
        .await?;
        let first = [turns.0, turns.1, turns.2].into_iter().flatten().min();
        Ok(first.map_or(Wallet::NEVER, Timestamp::from_micros))
    }

    async fn save_wallet(&mut self, wallet: &Wallet) -> Result<()> {
        sqlx::query::<Db>(
            "UPDATE pc_credit_account SET available = $2, held = $3, waiting = $4, overdraft = $5, overdraft_held = $6, \
             overdraft_limit = $7, txn = $8, due_at = $9 WHERE id = $1",
        )
        .bind(wallet.id)
        .bind(wallet.available.0)
        .bind(wallet.held.0)
        .bind(wallet.waiting.0)
        .bind(wallet.overdraft.0)
        .bind(wallet.overdraft_held.0)
        .bind(wallet.overdraft_limit.0)
        .bind(wallet.transaction)
        .bind(wallet.due_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
