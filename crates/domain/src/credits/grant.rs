use portcullis_types::credits::{
    CreditCategory, CreditGrant, CreditGrantBody, CreditGrantState, DEFAULT_CURRENCY,
};
use portcullis_types::{FieldError, MicroCredits, Timestamp, id};

use super::{Spendable, Wallet};
use crate::limits;

/// A grant as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGrant {
    /// See [`id::credit_id`].
    pub grant_id: String,
    /// The wallet's row; 0 until it is known.
    pub wallet: i64,
    /// What was given.
    pub amount: MicroCredits,
    /// What is left of it, with what is held.
    pub remaining: MicroCredits,
    /// What is held of it.
    pub held: MicroCredits,
    /// Where it came from.
    pub category: CreditCategory,
    /// 0 to 100.
    pub priority: i64,
    /// From when on it can be drawn from.
    pub effective_at: Timestamp,
    /// Until when; [`Wallet::NEVER`] if for ever.
    pub expires_at: Timestamp,
    /// What it was given for.
    pub source_ref: Option<String>,
    /// Whether it can be drawn from, as of its wallet's last transaction.
    pub state: CreditGrantState,
    /// When it was voided.
    pub voided_at: Option<Timestamp>,
    /// When it was given.
    pub created_at: Timestamp,
}

/// Refuses an amount that is not `least` to [`MicroCredits::MAX`].
///
/// # Errors
/// [`FieldError`] on `field`.
pub fn checked_amount(field: &str, amount: MicroCredits, least: i64) -> Result<(), FieldError> {
    if (least..=MicroCredits::MAX.0).contains(&amount.0) {
        Ok(())
    } else {
        Err(FieldError::new(field, format!("{least} to {} micro-credits", MicroCredits::MAX.0)))
    }
}

/// The currency of a ledger: 1 to 16 of `A-Z 0-9 _`; `CREDIT` when absent.
///
/// # Errors
/// [`FieldError`] on `currency`.
pub fn checked_currency(given: Option<&str>) -> Result<&str, FieldError> {
    let currency = given.unwrap_or(DEFAULT_CURRENCY);
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if (1..=16).contains(&currency.len()) && currency.bytes().all(plain) {
        Ok(currency)
    } else {
        Err(FieldError::new("currency", "1 to 16 of A-Z 0-9 _"))
    }
}

/// Refuses what cannot be a wallet's id: it is an organization's, or a user's.
///
/// # Errors
/// [`FieldError`] on `field`.
pub fn checked_account(field: &str, account_id: &str) -> Result<(), FieldError> {
    id::user_id(account_id).map_err(|error| FieldError::new(field, error.expected))
}

/// Refuses an idempotency key that is not 1 to 255 characters.
///
/// # Errors
/// [`FieldError`] on `idempotencyKey`.
pub fn checked_key(key: Option<&str>) -> Result<(), FieldError> {
    key.map_or(Ok(()), |key| limits::text("idempotencyKey", key, 1, 255))
}

impl StoredGrant {
    /// Makes a grant of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the member that is out of bounds.
    pub fn from_body(body: &CreditGrantBody, grant_id: String, now: Timestamp) -> Result<Self, FieldError> {
        id::credit_id(&grant_id).map_err(|error| FieldError::new("grantId", error.expected))?;
        checked_amount("amount", body.amount, 1)?;
        checked_currency(body.currency.as_deref())?;
        checked_key(body.idempotency_key.as_deref())?;
        let priority = body.priority.unwrap_or(50);
        if !(0..=100).contains(&priority) {
            return Err(FieldError::new("priority", "0 to 100"));
        }
        limits::optional_text("sourceRef", body.source_ref.as_deref(), 256)?;
        let effective_at = body.effective_at.unwrap_or(now);
        if body.expires_at.is_some_and(|end| end <= effective_at || end <= now || end >= Wallet::NEVER) {
            return Err(FieldError::new("expiresAt", "an instant after effectiveAt and after now"));
        }
        let waits = effective_at > now;
        Ok(Self {
            grant_id,
            wallet: 0,
            amount: body.amount,
            remaining: body.amount,
            held: MicroCredits::ZERO,
            category: body.category.unwrap_or_default(),
            priority,
            effective_at,
            expires_at: body.expires_at.unwrap_or(Wallet::NEVER),
            source_ref: body.source_ref.clone(),
            state: if waits { CreditGrantState::Waiting } else { CreditGrantState::Live },
            voided_at: None,
            created_at: now,
        })
    }

    /// Its expiry, if it has one.
    pub fn expiry(&self) -> Option<Timestamp> {
        Some(self.expires_at).filter(|at| *at < Wallet::NEVER)
    }

    /// What is neither used nor held.
    pub fn free(&self) -> i64 {
        self.remaining.0.saturating_sub(self.held.0)
    }

    /// When it next begins or ends by itself.
    pub fn next_turn(&self) -> Timestamp {
        match self.state {
            CreditGrantState::Waiting => self.effective_at,
            CreditGrantState::Live => self.expires_at,
            CreditGrantState::Ended => Wallet::NEVER,
        }
    }

    /// What decides when it is its turn.
    pub fn spendable(self) -> Spendable {
        Spendable {
            free: MicroCredits(self.free()),
            expires_at: self.expiry(),
            grant_id: self.grant_id,
            priority: self.priority,
            category: self.category,
            created_at: self.created_at,
        }
    }

    /// The grant as the API shows it.
    pub fn wire(&self, account_id: &str, currency: &str) -> CreditGrant {
        CreditGrant {
            grant_id: self.grant_id.clone(),
            account_id: account_id.to_owned(),
            currency: currency.to_owned(),
            amount: self.amount,
            remaining: self.remaining,
            held: self.held,
            category: self.category,
            priority: self.priority,
            effective_at: self.effective_at,
            expires_at: self.expiry(),
            source_ref: self.source_ref.clone(),
            state: self.state,
            voided_at: self.voided_at,
            created_at: self.created_at,
        }
    }
}
