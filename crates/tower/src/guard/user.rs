use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use portcullis_types::{GuardCode, GuardOutcome, UserContext};
use serde_json::{Map, Value};

use super::refusal::GuardRefusal;
use super::state::GuardState;

/// Extracts who sent the request, behind a [`GuardLayer`](crate::GuardLayer): a user, or a machine.
///
/// Required: a guest is answered with 401. As `Option<CurrentUser>` a guest is `None`. When it could not be found out, both answer
/// with 503.
#[derive(Clone, Debug, PartialEq)]
pub struct CurrentUser(pub Arc<UserContext>);

impl Deref for CurrentUser {
    type Target = UserContext;

    fn deref(&self) -> &UserContext {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = GuardRefusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, GuardRefusal> {
        GuardState::of(parts)?.required().cloned().map(Self)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for CurrentUser {
    type Rejection = GuardRefusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, GuardRefusal> {
        Ok(GuardState::of(parts)?.optional()?.cloned().map(Self))
    }
}

/// Extracts the names of the user's roles in the organization and tenant in force, as they are stored now. Required, like
/// [`CurrentUser`]; a machine has none.
#[derive(Clone, Debug)]
pub struct Roles {
    context: Arc<UserContext>,
    state: GuardState,
}

impl Roles {
    /// The names, sorted.
    pub fn names(&self) -> &[String] {
        self.context.user.as_ref().map_or(&[], |user| &user.roles)
    }

    /// Whether the user has a role.
    pub fn contains(&self, role: &str) -> bool {
        self.names().iter().any(|name| name == role)
    }

    /// Refuses whoever has none of these roles. For what is more than a coarse door, register an operation instead: it can be
    /// explained, and changed without a new program.
    ///
    /// # Errors
    /// 403 `permission_denied`.
    pub fn require_any(&self, roles: &[&str]) -> Result<(), GuardRefusal> {
        if roles.iter().any(|role| self.contains(role)) {
            return Ok(());
        }
        let mut outcome = GuardOutcome::refused(GuardCode::PermissionDenied, "a role is missing for this");
        outcome.context = Some(Arc::clone(&self.context));
        Err(GuardRefusal::outcome(outcome, self.state.form.clone()))
    }
}

impl<S: Sync> FromRequestParts<S> for Roles {
    type Rejection = GuardRefusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, GuardRefusal> {
        let state = GuardState::of(parts)?;
        Ok(Self { context: Arc::clone(state.required()?), state: state.clone() })
    }
}

/// Extracts the claims of the verified token under their own names, `sub` among them, but not those about the token itself
/// (`exp`, `jti`, …). Required, like [`CurrentUser`].
///
/// A claim says what its issuer believed when the token was made. Who somebody is and what they may do is in [`CurrentUser`] and
/// [`Roles`].
#[derive(Clone, Debug, PartialEq)]
pub struct RawClaims(pub Map<String, Value>);

impl<S: Sync> FromRequestParts<S> for RawClaims {
    type Rejection = GuardRefusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, GuardRefusal> {
        let context = GuardState::of(parts)?.required()?;
        let claims = context.token_claims.iter().chain(&context.claims);
        Ok(Self(claims.map(|(name, value)| (name.clone(), value.clone())).collect()))
    }
}
