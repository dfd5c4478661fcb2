use std::sync::Arc;

use axum::http::request::Parts;
use portcullis_types::{Guard, GuardCode, GuardOutcome, Sensitive, UserContext};

use super::answer::AnswerForm;
use super::keys::IdempotencyKeys;
use super::refusal::GuardRefusal;
use super::settle::Holds;

/// What the credential of a request says.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// There is none: a guest.
    Missing,
    /// It names nobody (expired, revoked, forged): a guest, who is told so.
    Invalid(Arc<GuardOutcome>),
    /// Who it is could not be found out, or may not be used now: whoever asks is refused with this.
    Failed(Arc<GuardOutcome>),
    /// It names somebody.
    Valid(Arc<UserContext>),
}

/// What a [`GuardLayer`](crate::GuardLayer) found out about a request; in its extensions.
#[derive(Clone)]
pub struct GuardState {
    pub(super) credentials: Credentials,
    pub(super) form: AnswerForm,
    pub(super) asking: Asking,
}

/// What it takes to ask again, about an operation.
#[derive(Clone)]
pub(super) struct Asking {
    pub(super) guard: Arc<dyn Guard>,
    pub(super) token: Sensitive,
    pub(super) holds: Arc<Holds>,
    pub(super) keys: Arc<IdempotencyKeys>,
}

impl GuardState {
    /// What the credential says.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Who it is, if somebody is named.
    pub fn context(&self) -> Option<&Arc<UserContext>> {
        match &self.credentials {
            Credentials::Valid(context) => Some(context),
            _ => None,
        }
    }

    /// Who it is, or the refusal of somebody who cannot be named.
    ///
    /// # Errors
    /// 401 for guests, with a challenge; 503 when it could not be found out.
    pub fn required(&self) -> Result<&Arc<UserContext>, GuardRefusal> {
        let outcome = match &self.credentials {
            Credentials::Valid(context) => return Ok(context),
            Credentials::Missing => GuardOutcome::refused(GuardCode::TokenMissing, "Not authenticated"),
            Credentials::Invalid(outcome) | Credentials::Failed(outcome) => (**outcome).clone(),
        };
        Err(GuardRefusal::outcome(outcome, self.form.clone()))
    }

    /// Who it is; `None` for a guest.
    ///
    /// # Errors
    /// 503 when it could not be found out: that is never a guest.
    pub fn optional(&self) -> Result<Option<&Arc<UserContext>>, GuardRefusal> {
        match &self.credentials {
            Credentials::Valid(context) => Ok(Some(context)),
            Credentials::Missing | Credentials::Invalid(_) => Ok(None),
            Credentials::Failed(outcome) => {
                Err(GuardRefusal::outcome((**outcome).clone(), self.form.clone()))
            }
        }
    }

    /// The state of a request behind the layer.
    ///
    /// # Errors
    /// 500 elsewhere: a route that forgot its layer must not run.
    pub fn of(parts: &Parts) -> Result<&Self, GuardRefusal> {
        parts.extensions.get().ok_or_else(|| GuardRefusal::no_layer(AnswerForm::unknown(parts)))
    }
}

impl std::fmt::Debug for GuardState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardState").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}
