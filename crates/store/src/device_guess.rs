use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::Timestamp;

use crate::dialect::per_backend;
use crate::{Result, body};

/// A user code that was entered and is nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceGuess {
    /// `dg_` and 25 characters.
    pub guess_id: String,
    /// The browser session in which it was entered.
    pub browser_session: String,
    /// The network it came from.
    pub network: String,
    /// How many codes it could have hit: those that were pending.
    pub exposure: i64,
    /// When.
    pub at: Timestamp,
}

/// Some wrong user codes together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceGuesses {
    /// How many they are, or for all of them together: the sum of their exposures.
    pub weight: i64,
    /// When the first one of them was entered.
    pub first_at: Option<Timestamp>,
}

/// User codes that were entered and are nobody's (table `pc_device_guess`), one row each: so they are counted over any span
/// of time, on all nodes together.
#[async_trait]
pub trait DeviceGuessLog: Send {
    /// Adds one.
    async fn insert_device_guess(&mut self, guess: &DeviceGuess) -> Result<()>;

    /// How many were entered in a browser session after an instant.
    async fn device_guesses_of_session(
        &mut self,
        browser_session: &str,
        after: Timestamp,
    ) -> Result<DeviceGuesses>;

    /// How many came from a network after an instant.
    async fn device_guesses_of_network(&mut self, network: &str, after: Timestamp) -> Result<DeviceGuesses>;

    /// The exposure of all after an instant; of no more than the first `most`.
    async fn device_guess_exposure(&mut self, after: Timestamp, most: u32) -> Result<DeviceGuesses>;

    /// Deletes up to `limit` from before `before`, and says how many.
    async fn delete_old_device_guesses(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
}

fn read((weight, first_at): (i64, Option<i64>)) -> DeviceGuesses {
    DeviceGuesses { weight, first_at: body::instant(first_at) }
}

#[apply(per_backend!)]
#[async_trait]
impl DeviceGuessLog for Conn {
    async fn insert_device_guess(&mut self, guess: &DeviceGuess) -> Result<()> {
        sqlx::query::<Db>(
            "INSERT INTO pc_device_guess (guess_id, browser_session, network, exposure, at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&guess.guess_id)
        .bind(&guess.browser_session)
        .bind(&guess.network)
        .bind(guess.exposure)
        .bind(guess.at.micros())
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn device_guesses_of_session(
        &mut self,
        browser_session: &str,
        after: Timestamp,
    ) -> Result<DeviceGuesses> {
        let sql = "SELECT COUNT(*), MIN(at) FROM pc_device_guess WHERE browser_session = $1 AND at > $2";
        let row = sqlx::query_as::<Db, _>(sql).bind(browser_session).bind(after.micros());
        Ok(read(row.fetch_one(&mut *self).await?))
    }

    async fn device_guesses_of_network(&mut self, network: &str, after: Timestamp) -> Result<DeviceGuesses> {
        let sql = "SELECT COUNT(*), MIN(at) FROM pc_device_guess WHERE network = $1 AND at > $2";
        let row = sqlx::query_as::<Db, _>(sql).bind(network).bind(after.micros());
        Ok(read(row.fetch_one(&mut *self).await?))
    }

    async fn device_guess_exposure(&mut self, after: Timestamp, most: u32) -> Result<DeviceGuesses> {
        let sql = "SELECT CAST(COALESCE(SUM(exposure), 0) AS BIGINT), MIN(at) FROM \
             (SELECT exposure, at FROM pc_device_guess WHERE at > $1 ORDER BY at LIMIT $2) AS guesses";
        let row = sqlx::query_as::<Db, _>(sql).bind(after.micros()).bind(i64::from(most));
        Ok(read(row.fetch_one(&mut *self).await?))
    }

    async fn delete_old_device_guesses(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_device_guess WHERE guess_id IN \
             (SELECT guess_id FROM pc_device_guess WHERE at <= $1 ORDER BY at LIMIT $2)",
        );
        Ok(done.bind(before.micros()).bind(i64::from(limit)).execute(&mut *self).await?.rows_affected())
    }
}
