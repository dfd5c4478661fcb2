use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::Timestamp;

use crate::dialect::per_backend;
use crate::{Result, StoreError, body};

/// A signing key's part in the key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningKeyState {
    /// Published, so that verifiers know it before the first token that it signs.
    Next,
    /// Signs.
    Active,
    /// Only verifies, until the last token that it signed has expired.
    Retired,
}

/// A signing key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// The key id of the tokens it signs.
    pub kid: String,
    /// The JWS algorithm: `EdDSA`, `ES256`, `RS256`.
    pub algorithm: String,
    /// Its part in the key set.
    pub state: SigningKeyState,
    /// The private half, sealed under the master key.
    pub sealed: Vec<u8>,
    /// The public half.
    pub public: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it may sign; only a waiting key has it.
    pub activates_at: Option<Timestamp>,
    /// When it stopped signing; only a retired key has it.
    pub retired_at: Option<Timestamp>,
    /// Until when it verifies; only a retired key has it.
    pub expires_at: Option<Timestamp>,
}

/// The signing keys (table `pc_signing_key`).
#[async_trait]
pub trait SigningKeys: Send {
    /// Adds a key. False: the `kid` exists, or a key of its algorithm that is active or next, as it is.
    async fn insert_signing_key(&mut self, key: &SigningKeyRow) -> Result<bool>;

    /// Every key, oldest first.
    async fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>>;

    /// Retires the algorithm's active key at `at`; it verifies until `expires_at`. False: there is none.
    async fn retire_signing_key(
        &mut self,
        algorithm: &str,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool>;

    /// Makes a key that is next the active one, whether or not its time has come. False: it is not next (any more).
    ///
    /// Retire the active one first, in the same transaction, and end that without a commit when this says no: another node was
    /// faster, and what was retired may be the very key that it made active.
    async fn activate_signing_key(&mut self, kid: &str) -> Result<bool>;

    /// Deletes a key that is retired and whose `expires_at` has come. False: there is none.
    async fn delete_expired_signing_key(&mut self, kid: &str, now: Timestamp) -> Result<bool>;

    /// Deletes a key, whatever its part is. False: there is no such key.
    async fn delete_signing_key(&mut self, kid: &str) -> Result<bool>;
}

impl SigningKeyState {
    fn code(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// The place that a key takes alone among those of its algorithm.
    fn slot(self, algorithm: &str) -> Option<String> {
        (self != Self::Retired).then(|| format!("{algorithm}/{}", self.code()))
    }

    fn of_code(kid: &str, code: &str) -> Result<Self> {
        match code {
            "next" => Ok(Self::Next),
            "active" => Ok(Self::Active),
            "retired" => Ok(Self::Retired),
            _ => Err(StoreError::corrupt(format!("signing key {kid}"), format!("its state is {code:?}"))),
        }
    }
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    kid: String,
    algorithm: String,
    state: String,
    sealed: Vec<u8>,
    public: Vec<u8>,
    created_at: i64,
    activates_at: Option<i64>,
    retired_at: Option<i64>,
    expires_at: Option<i64>,
}

impl KeyRow {
    fn key(self) -> Result<SigningKeyRow> {
        Ok(SigningKeyRow {
            state: SigningKeyState::of_code(&self.kid, &self.state)?,
            kid: self.kid,
            algorithm: self.algorithm,
            sealed: self.sealed,
            public: self.public,
            created_at: Timestamp::from_micros(self.created_at),
            activates_at: body::instant(self.activates_at),
            retired_at: body::instant(self.retired_at),
            expires_at: body::instant(self.expires_at),
        })
    }
}

#[apply(per_backend!)]
#[async_trait]
impl SigningKeys for Conn {
    async fn insert_signing_key(&mut self, key: &SigningKeyRow) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_signing_key \
             (kid, algorithm, state, sealed, public, created_at, activates_at, retired_at, expires_at, slot) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        )
        .bind(&key.kid)
        .bind(&key.algorithm)
        .bind(key.state.code())
        .bind(&key.sealed)
        .bind(&key.public)
        .bind(key.created_at.micros())
        .bind(key.activates_at.map(Timestamp::micros))
        .bind(key.retired_at.map(Timestamp::micros))
        .bind(key.expires_at.map(Timestamp::micros))
        .bind(key.state.slot(&key.algorithm))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>> {
        // The one table that is read whole: a handful of rows, at start and after a rotation.
        let rows = sqlx::query_as::<Db, KeyRow>(
            "SELECT kid, algorithm, state, sealed, public, created_at, activates_at, retired_at, expires_at \
             FROM pc_signing_key ORDER BY created_at, kid",
        )
        .fetch_all(&mut *self)
        .await?;
        rows.into_iter().map(KeyRow::key).collect()
    }

    async fn retire_signing_key(
        &mut self,
        algorithm: &str,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_signing_key SET state = 'retired', slot = NULL, retired_at = $2, expires_at = $3 \
             WHERE slot = $1",
        )
        .bind(SigningKeyState::Active.slot(algorithm))
        .bind(at.micros())
        .bind(expires_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn activate_signing_key(&mut self, kid: &str) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_signing_key SET state = 'active', slot = algorithm || '/active', activates_at = NULL \
             WHERE kid = $1 AND state = 'next'",
        )
        .bind(kid)
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_expired_signing_key(&mut self, kid: &str, now: Timestamp) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_signing_key WHERE kid = $1 AND state = 'retired' AND expires_at <= $2",
        )
        .bind(kid)
        .bind(now.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_signing_key(&mut self, kid: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_signing_key WHERE kid = $1").bind(kid);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }
}
