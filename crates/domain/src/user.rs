use portcullis_types::authress::{TokenConfiguration, UserIdentity};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::limits;

/// A user's profile as it is stored. Users need not exist to be given access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserProfile {
    /// See [`id::user_id`].
    pub user_id: String,
    /// Up to 128 characters.
    pub name: Option<String>,
    /// Up to 256 characters.
    pub email: Option<String>,
    /// How long tokens minted for this user live.
    pub token_configuration: Option<TokenConfiguration>,
    /// When the profile was made.
    pub created_at: Timestamp,
}

impl UserProfile {
    /// Checks every field.
    ///
    /// # Errors
    /// [`FieldError`] with the name of what is out of bounds.
    pub fn validate(&self) -> Result<(), FieldError> {
        id::user_id(&self.user_id).map_err(|error| FieldError::new("userId", error.expected))?;
        limits::optional_text("name", self.name.as_deref(), 128)?;
        limits::optional_text("email", self.email.as_deref(), 256)
    }

    /// The profile as the API shows it.
    pub fn wire(&self) -> UserIdentity {
        UserIdentity {
            user_id: self.user_id.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            token_configuration: self.token_configuration.clone(),
        }
    }
}
