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
    /// When it stopped signing; only a retired key has it.
    pub retired_at: Option<Timestamp>,
}

/// The signing keys (table `pc_signing_key`).
#[async_trait]
pub trait SigningKeys: Send {
    /// Adds a key. False: the `kid` exists.
    async fn insert_signing_key(&mut self, key: &SigningKeyRow) -> Result<bool>;

    /// Every key, oldest first.
    async fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>>;

    /// Changes a key's state; `at` becomes `retired_at` if it is retired. False: there is no such key.
    async fn set_signing_key_state(
        &mut self,
        kid: &str,
        state: SigningKeyState,
        at: Timestamp,
    ) -> Result<bool>;
}

impl SigningKeyState {
    fn code(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
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
    retired_at: Option<i64>,
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
            retired_at: body::instant(self.retired_at),
        })
    }
}

#[apply(per_backend!)]
#[async_trait]
impl SigningKeys for Conn {
    async fn insert_signing_key(&mut self, key: &SigningKeyRow) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_signing_key (kid, algorithm, state, sealed, public, created_at, retired_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(&key.kid)
        .bind(&key.algorithm)
        .bind(key.state.code())
        .bind(&key.sealed)
        .bind(&key.public)
        .bind(key.created_at.micros())
        .bind(key.retired_at.map(Timestamp::micros))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>> {
        // The one table that is read whole: a handful of rows, at start and after a rotation.
        let rows = sqlx::query_as::<Db, KeyRow>(
            "SELECT kid, algorithm, state, sealed, public, created_at, retired_at FROM pc_signing_key \
             ORDER BY created_at, kid",
        )
        .fetch_all(&mut *self)
        .await?;
        rows.into_iter().map(KeyRow::key).collect()
    }

    async fn set_signing_key_state(
        &mut self,
        kid: &str,
        state: SigningKeyState,
        at: Timestamp,
    ) -> Result<bool> {
        let retired_at = (state == SigningKeyState::Retired).then_some(at.micros());
        let done = sqlx::query::<Db>("UPDATE pc_signing_key SET state = $2, retired_at = $3 WHERE kid = $1")
            .bind(kid)
            .bind(state.code())
            .bind(retired_at)
            .execute(&mut *self)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
