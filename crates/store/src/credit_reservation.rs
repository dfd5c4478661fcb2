use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::credits::StoredReservation;
use portcullis_types::credits::ReservationState;
use portcullis_types::{MicroCredits, Timestamp};

use crate::credit_grant::{code_of, of_code};
use crate::dialect::{Dialect, per_backend};
use crate::{Result, body};

/// Reservations of credits (table `pc_credit_reservation`). Those that write need the lock of the wallet, see
/// [`CreditAccounts`](crate::CreditAccounts).
#[async_trait]
pub trait CreditReservations: Send {
    /// Adds a reservation, whose id is new.
    async fn insert_reservation(&mut self, reservation: &StoredReservation) -> Result<()>;

    /// The reservation of that id.
    async fn reservation(&mut self, reservation_id: &str) -> Result<Option<StoredReservation>>;

    /// Writes what may change: state, allocations, expiry, what was asked for, taken and given back.
    async fn save_reservation(&mut self, reservation: &StoredReservation) -> Result<()>;

    /// Pending reservations whose time is over, the first to expire first.
    async fn lapsed_reservations(
        &mut self,
        wallet: i64,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredReservation>>;

    /// Notes that the time of these was over.
    async fn expire_reservations(&mut self, reservation_ids: &[&str]) -> Result<()>;

    /// Pending reservations of a wallet, the first to expire first, after the one that expires at `after`.
    async fn pending_reservations(
        &mut self,
        wallet: i64,
        after: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<StoredReservation>>;
}

#[derive(sqlx::FromRow)]
struct Row {
    reservation_id: String,
    wallet: i64,
    amount: i64,
    state: i64,
    allocations: String,
    operation: Option<String>,
    subject: Option<String>,
    terms: String,
    created_at: i64,
    expires_at: i64,
    asked: Option<i64>,
    committed: Option<i64>,
    refunded: i64,
}

const STATES: [ReservationState; 4] = [
    ReservationState::Pending,
    ReservationState::Committed,
    ReservationState::Released,
    ReservationState::Expired,
];

fn read(row: Row) -> Result<StoredReservation> {
    Ok(StoredReservation {
        allocations: body::decode("allocations of reservation", &row.reservation_id, &row.allocations)?,
        terms: body::decode("terms of reservation", &row.reservation_id, &row.terms)?,
        reservation_id: row.reservation_id,
        wallet: row.wallet,
        amount: MicroCredits(row.amount),
        state: of_code(&STATES, row.state, "state of a reservation")?,
        operation: row.operation,
        subject: row.subject,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        asked: row.asked.map(MicroCredits),
        committed: row.committed.map(MicroCredits),
        refunded: MicroCredits(row.refunded),
    })
}

#[apply(per_backend!)]
#[async_trait]
impl CreditReservations for Conn {
    async fn insert_reservation(&mut self, reservation: &StoredReservation) -> Result<()> {
        sqlx::query::<Db>(
            "INSERT INTO pc_credit_reservation (reservation_id, wallet, amount, state, allocations, operation, subject, \
             terms, created_at, expires_at, asked, committed, refunded) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(&reservation.reservation_id)
        .bind(reservation.wallet)
        .bind(reservation.amount.0)
        .bind(code_of(&STATES, &reservation.state))
        .bind(body::encode("allocations", &reservation.allocations)?)
        .bind(reservation.operation.as_deref())
        .bind(reservation.subject.as_deref())
        .bind(body::encode("terms", &reservation.terms)?)
        .bind(reservation.created_at.micros())
        .bind(reservation.expires_at.micros())
        .bind(reservation.asked.map(|asked| asked.0))
        .bind(reservation.committed.map(|committed| committed.0))
        .bind(reservation.refunded.0)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn reservation(&mut self, reservation_id: &str) -> Result<Option<StoredReservation>> {
        let sql = "SELECT reservation_id, wallet, amount, state, allocations, operation, subject, terms, created_at, \
             expires_at, asked, committed, refunded FROM pc_credit_reservation WHERE reservation_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(reservation_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn save_reservation(&mut self, reservation: &StoredReservation) -> Result<()> {
        sqlx::query::<Db>(
            "UPDATE pc_credit_reservation SET state = $2, allocations = $3, expires_at = $4, asked = $5, committed = $6, \
             refunded = $7 WHERE reservation_id = $1",
        )
        .bind(&reservation.reservation_id)
        .bind(code_of(&STATES, &reservation.state))
        .bind(body::encode("allocations", &reservation.allocations)?)
        .bind(reservation.expires_at.micros())
        .bind(reservation.asked.map(|asked| asked.0))
        .bind(reservation.committed.map(|committed| committed.0))
        .bind(reservation.refunded.0)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn lapsed_reservations(
        &mut self,
        wallet: i64,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredReservation>> {
        let sql = "SELECT reservation_id, wallet, amount, state, allocations, operation, subject, terms, created_at, \
             expires_at, asked, committed, refunded FROM pc_credit_reservation \
             WHERE wallet = $1 AND state = 0 AND expires_at <= $2 ORDER BY expires_at, reservation_id LIMIT $3";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(wallet).bind(now.micros()).bind(i64::from(limit));
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn expire_reservations(&mut self, reservation_ids: &[&str]) -> Result<()> {
        let sql = Self::pick(
            "UPDATE pc_credit_reservation SET state = 3 FROM json_each($1) AS e WHERE reservation_id = e.value",
            "UPDATE pc_credit_reservation SET state = 3 \
             WHERE reservation_id = ANY (ARRAY(SELECT v FROM json_array_elements_text($1::json) AS e (v)))",
        );
        let ids = body::encode("reservation ids", reservation_ids)?;
        sqlx::query::<Db>(sql).bind(ids).execute(&mut *self).await?;
        Ok(())
    }

    async fn pending_reservations(
        &mut self,
        wallet: i64,
        after: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<StoredReservation>> {
        let (expires_at, id) = after.map_or((i64::MIN, ""), |(at, id)| (at.micros(), id));
        let sql = "SELECT reservation_id, wallet, amount, state, allocations, operation, subject, terms, created_at, \
             expires_at, asked, committed, refunded FROM pc_credit_reservation \
             WHERE wallet = $1 AND state = 0 AND (expires_at, reservation_id) > ($2, $3) \
             ORDER BY expires_at, reservation_id LIMIT $4";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(wallet).bind(expires_at).bind(id);
        rows.bind(i64::from(limit)).fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }
}
