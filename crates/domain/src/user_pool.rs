use portcullis_types::sign_in::{Registration, UserPoolBody, UserPoolView};
use portcullis_types::{FieldError, Timestamp, id};

use crate::limits;

/// The pool of everybody who says nothing else; every installation has it.
pub const MAIN_POOL: &str = "main";

/// A namespace of people who sign in: an address is one person's in it, and may be another's in the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPool {
    /// See [`id::pool_id`].
    pub pool_id: String,
    /// Up to 128 characters.
    pub name: Option<String>,
    /// Whether people may register themselves. Absent: as the installation's settings say for `main`, closed for others.
    pub registration: Option<Registration>,
    /// Whether only a proven address may sign in. Absent: as the installation's settings say.
    pub require_verified_email: Option<bool>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What holds where a pool does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolDefaults {
    /// Whether people may register themselves in `main`.
    pub registration: Registration,
    /// Whether only a proven address may sign in.
    pub require_verified_email: bool,
}

impl Default for PoolDefaults {
    /// Open, and an unproven address may sign in.
    fn default() -> Self {
        Self { registration: Registration::Open, require_verified_email: false }
    }
}

impl UserPool {
    /// A pool as a body describes it.
    ///
    /// # Errors
    /// [`FieldError`] with the name of what is out of bounds.
    pub fn from_body(body: UserPoolBody, pool_id: String, created_at: Timestamp) -> Result<Self, FieldError> {
        id::pool_id(&pool_id).map_err(|error| FieldError::new("poolId", error.expected))?;
        limits::optional_text("name", body.name.as_deref(), 128)?;
        let UserPoolBody { name, registration, require_verified_email } = body;
        Ok(Self { pool_id, name, registration, require_verified_email, created_at })
    }

    /// Whether people may register themselves.
    pub fn registration(&self, defaults: PoolDefaults) -> Registration {
        let absent = if self.pool_id == MAIN_POOL { defaults.registration } else { Registration::Closed };
        self.registration.unwrap_or(absent)
    }

    /// Whether only a proven address may sign in.
    pub fn requires_verified_email(&self, defaults: PoolDefaults) -> bool {
        self.require_verified_email.unwrap_or(defaults.require_verified_email)
    }

    /// The pool as the API shows it.
    pub fn wire(&self, defaults: PoolDefaults) -> UserPoolView {
        UserPoolView {
            pool_id: self.pool_id.clone(),
            name: self.name.clone(),
            registration: self.registration(defaults),
            require_verified_email: self.requires_verified_email(defaults),
            created_at: self.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_main_is_open_unless_somebody_says_otherwise() {
        let pool =
            |id: &str, body| UserPool::from_body(body, id.to_owned(), Timestamp::from_secs(0)).unwrap();
        let defaults = PoolDefaults::default();
        assert_eq!(pool("main", UserPoolBody::default()).registration(defaults), Registration::Open);
        assert_eq!(pool("shop", UserPoolBody::default()).registration(defaults), Registration::Closed);
        let open = UserPoolBody { registration: Some(Registration::Open), ..UserPoolBody::default() };
        assert_eq!(pool("shop", open).registration(defaults), Registration::Open);
        let closed = PoolDefaults { registration: Registration::Closed, require_verified_email: true };
        assert_eq!(pool("main", UserPoolBody::default()).registration(closed), Registration::Closed);
        assert!(pool("shop", UserPoolBody::default()).requires_verified_email(closed));
    }

    #[test]
    fn a_pools_id_is_short_and_plain() {
        for id in ["", "a b", "a/b", "ä", &"a".repeat(65)] {
            assert!(
                UserPool::from_body(UserPoolBody::default(), id.to_owned(), Timestamp::from_secs(0)).is_err()
            );
        }
    }
}
