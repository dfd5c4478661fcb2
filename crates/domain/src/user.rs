use portcullis_types::authress::{TokenConfiguration, UserIdentity};
use portcullis_types::sign_in::{PoolUser, UserState};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::{Identifier, MAIN_POOL, limits};

/// A user's profile as it is stored. Users need not exist to be given access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserProfile {
    /// See [`id::user_id`].
    pub user_id: String,
    /// Up to 128 characters.
    pub name: Option<String>,
    /// Up to 256 characters. Within a pool it is one person's, if it can be matched at all: see [`Identifier`].
    pub email: Option<String>,
    /// How long tokens minted for this user live.
    pub token_configuration: Option<TokenConfiguration>,
    /// When the profile was made.
    pub created_at: Timestamp,
    /// Where the person signs in. Kept in a column, as are the others below.
    #[serde(skip, default = "main_pool")]
    pub pool: String,
    /// Whether the address was proven.
    #[serde(skip)]
    pub email_verified: bool,
    /// Since when the person may not sign in, and no token of theirs is good.
    #[serde(skip)]
    pub disabled_at: Option<Timestamp>,
    /// The subject's epoch: what was issued before is not good.
    #[serde(skip)]
    pub not_before: Option<Timestamp>,
}

fn main_pool() -> String {
    MAIN_POOL.to_owned()
}

impl UserProfile {
    /// A person of the pool `main` of whom nothing else is known yet.
    pub fn new(user_id: impl Into<String>, created_at: Timestamp) -> Self {
        Self {
            user_id: user_id.into(),
            name: None,
            email: None,
            token_configuration: None,
            created_at,
            pool: main_pool(),
            email_verified: false,
            disabled_at: None,
            not_before: None,
        }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`FieldError`] with the name of what is out of bounds.
    pub fn validate(&self) -> Result<(), FieldError> {
        id::user_id(&self.user_id).map_err(|error| FieldError::new("userId", error.expected))?;
        id::pool_id(&self.pool).map_err(|error| FieldError::new("pool", error.expected))?;
        limits::optional_text("name", self.name.as_deref(), 128)?;
        limits::optional_text("email", self.email.as_deref(), 256)
    }

    /// What the person is matched by when they sign in; nothing without an address that can be matched.
    pub fn identifier(&self) -> Option<Identifier> {
        self.email.as_deref().and_then(|email| Identifier::of_email(email).ok())
    }

    /// The profile as the Authress API shows it.
    pub fn wire(&self) -> UserIdentity {
        UserIdentity {
            user_id: self.user_id.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            token_configuration: self.token_configuration.clone(),
        }
    }

    /// The person as a list of a pool's users shows them.
    pub fn pool_user(&self) -> PoolUser {
        PoolUser {
            user_id: self.user_id.clone(),
            pool: self.pool.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            email_verified: self.email_verified,
            state: if self.disabled_at.is_some() { UserState::Disabled } else { UserState::Active },
            disabled_at: self.disabled_at,
            created_at: self.created_at,
        }
    }
}
