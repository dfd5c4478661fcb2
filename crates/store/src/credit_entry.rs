use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::credits::Entry;
use portcullis_types::credits::{CreditEntry, EntryKind, LedgerAccount};
use portcullis_types::{MicroCredits, Timestamp};

use crate::dialect::{Dialect, per_backend};
use crate::{Result, StoreError, body};

/// The ledgers of wallets (table `pc_ledger_entry`), to which lines are only ever added, and the answers that were given
/// under idempotency keys (table `pc_idempotency`).
#[async_trait]
pub trait CreditLedger: Send {
    /// Adds the lines of one transaction. Needs the lock of the wallet, see [`CreditAccounts`](crate::CreditAccounts).
    async fn append_entries(
        &mut self,
        (wallet, transaction): (i64, i64),
        kind: EntryKind,
        entries: &[Entry],
        at: Timestamp,
    ) -> Result<()>;

    /// Lines of a wallet's ledger before the line of that transaction and number, newest first.
    async fn entries_before(
        &mut self,
        wallet: i64,
        before: (i64, i64),
        limit: u32,
    ) -> Result<Vec<CreditEntry>>;

    /// Lines after that line, oldest first.
    async fn entries_after(&mut self, wallet: i64, after: (i64, i64), limit: u32)
    -> Result<Vec<CreditEntry>>;

    /// What was answered under a key, and the digest of the request.
    async fn kept_answer(&mut self, wallet: i64, key: &str) -> Result<Option<(Vec<u8>, String)>>;

    /// Keeps an answer for good. False: there is one.
    async fn keep_answer(
        &mut self,
        (wallet, key): (i64, &str),
        request_hash: &[u8],
        answer: &str,
        at: Timestamp,
    ) -> Result<bool>;
}

const KINDS: [(EntryKind, &str); 10] = [
    (EntryKind::Grant, "grant"),
    (EntryKind::Void, "void"),
    (EntryKind::Expire, "expire"),
    (EntryKind::Settle, "settle"),
    (EntryKind::Reserve, "reserve"),
    (EntryKind::Release, "release"),
    (EntryKind::Lapse, "lapse"),
    (EntryKind::Commit, "commit"),
    (EntryKind::Charge, "charge"),
    (EntryKind::Refund, "refund"),
];
const LEDGERS: [(LedgerAccount, &str); 7] = [
    (LedgerAccount::Grant, "grant"),
    (LedgerAccount::Held, "held"),
    (LedgerAccount::Consumed, "consumed"),
    (LedgerAccount::Expired, "expired"),
    (LedgerAccount::Overdraft, "overdraft"),
    (LedgerAccount::Overage, "overage"),
    (LedgerAccount::Issued, "issued"),
];

fn word<T: PartialEq>(all: &[(T, &'static str)], one: &T) -> &'static str {
    all.iter().find(|(other, _)| other == one).map_or("", |(_, word)| word)
}

fn of_word<T: Copy>(all: &[(T, &'static str)], word: &str) -> Result<T> {
    let found = all.iter().find(|(_, other)| *other == word).map(|(one, _)| *one);
    found.ok_or_else(|| StoreError::corrupt("line of a ledger", format!("unknown word {word}")))
}

#[derive(sqlx::FromRow)]
struct Row {
    txn: i64,
    line: i64,
    kind: String,
    ledger: String,
    grant_id: Option<String>,
    reservation_id: Option<String>,
    delta: i64,
    at: i64,
}

fn read(row: Row) -> Result<CreditEntry> {
    Ok(CreditEntry {
        transaction: row.txn,
        line: row.line,
        currency: String::new(),
        kind: of_word(&KINDS, &row.kind)?,
        ledger: of_word(&LEDGERS, &row.ledger)?,
        grant_id: row.grant_id,
        reservation_id: row.reservation_id,
        delta: MicroCredits(row.delta),
        at: Timestamp::from_micros(row.at),
    })
}

#[apply(per_backend!)]
#[async_trait]
impl CreditLedger for Conn {
    async fn append_entries(
        &mut self,
        (wallet, transaction): (i64, i64),
        kind: EntryKind,
        entries: &[Entry],
        at: Timestamp,
    ) -> Result<()> {
        let sql = Self::pick(
            "INSERT INTO pc_ledger_entry (wallet, txn, line, kind, ledger, grant_id, reservation_id, delta, at) \
             SELECT $1, $2, e.key, $3, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, $4 FROM json_each($5) AS e",
            "INSERT INTO pc_ledger_entry (wallet, txn, line, kind, ledger, grant_id, reservation_id, delta, at) \
             SELECT $1::bigint, $2::bigint, e.n - 1, $3::text, e.v ->> 0, e.v ->> 1, e.v ->> 2, (e.v ->> 3)::bigint, \
             $4::bigint FROM json_array_elements($5::json) WITH ORDINALITY AS e (v, n)",
        );
        let rows: Vec<_> = entries
            .iter()
            .map(|entry| (word(&LEDGERS, &entry.ledger), &entry.grant_id, &entry.reservation_id, entry.delta))
            .collect();
        let rows = body::encode("lines of a ledger", &rows)?;
        sqlx::query::<Db>(sql)
            .bind(wallet)
            .bind(transaction)
            .bind(word(&KINDS, &kind))
            .bind(at.micros())
            .bind(rows)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn entries_before(
        &mut self,
        wallet: i64,
        before: (i64, i64),
        limit: u32,
    ) -> Result<Vec<CreditEntry>> {
        let sql = "SELECT txn, line, kind, ledger, grant_id, reservation_id, delta, at FROM pc_ledger_entry \
             WHERE wallet = $1 AND (txn, line) < ($2, $3) ORDER BY txn DESC, line DESC LIMIT $4";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(wallet).bind(before.0).bind(before.1);
        rows.bind(i64::from(limit)).fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn entries_after(
        &mut self,
        wallet: i64,
        after: (i64, i64),
        limit: u32,
    ) -> Result<Vec<CreditEntry>> {
        let sql = "SELECT txn, line, kind, ledger, grant_id, reservation_id, delta, at FROM pc_ledger_entry \
             WHERE wallet = $1 AND (txn, line) > ($2, $3) ORDER BY txn, line LIMIT $4";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(wallet).bind(after.0).bind(after.1);
        rows.bind(i64::from(limit)).fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn kept_answer(&mut self, wallet: i64, key: &str) -> Result<Option<(Vec<u8>, String)>> {
        let sql = "SELECT request_hash, answer FROM pc_idempotency WHERE wallet = $1 AND key = $2";
        Ok(sqlx::query_as::<Db, _>(sql).bind(wallet).bind(key).fetch_optional(&mut *self).await?)
    }

    async fn keep_answer(
        &mut self,
        (wallet, key): (i64, &str),
        request_hash: &[u8],
        answer: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_idempotency (wallet, key, request_hash, answer, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(wallet)
        .bind(key)
        .bind(request_hash)
        .bind(answer)
        .bind(at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
