use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use portcullis_types::guard::{BillingMode, GuardResource};
use serde_json::{Map, Value};

use super::GuardPass;
use super::ask::{Question, ask};
use crate::guard::refusal::GuardRefusal;
use crate::guard::state::GuardState;

/// An operation as a type, for the extractor [`Guarded`].
pub trait Operation: Send + Sync + 'static {
    /// Its name in the registry (`[a-z][a-z0-9_.:-]{0,127}`).
    const NAME: &'static str;
    /// What is done about its price; `None` leaves it to the operation's rule.
    const BILLING: Option<BillingMode> = None;

    /// What it is done to; see [`path_param`](crate::path_param). Never from what the end user claims about it.
    fn resource(_parts: &Parts) -> Option<GuardResource> {
        None
    }

    /// How many units it takes, for a price per unit. The application measures them.
    fn units(_parts: &Parts) -> Option<u64> {
        None
    }

    /// More for the guard: hints about the context, attributes for policies.
    fn metadata(_parts: &Parts) -> Map<String, Value> {
        Map::new()
    }
}

/// Extracts the permission to do an operation, and holds its price: a [`GuardPass`].
///
/// The handler does not run without it: a guest is answered with 401, and so on, as [`GuardRefusal`] says.
pub struct Guarded<O> {
    pass: GuardPass,
    operation: PhantomData<fn() -> O>,
}

impl<O> Guarded<O> {
    /// The pass, to keep longer than this.
    pub fn into_pass(self) -> GuardPass {
        self.pass
    }
}

impl<O> Deref for Guarded<O> {
    type Target = GuardPass;

    fn deref(&self) -> &GuardPass {
        &self.pass
    }
}

impl<O> std::fmt::Debug for Guarded<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Guarded").field(&self.pass).finish()
    }
}

impl<O: Operation, S: Sync> FromRequestParts<S> for Guarded<O> {
    type Rejection = GuardRefusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, GuardRefusal> {
        let question = Question {
            operation: O::NAME.into(),
            resource: O::resource(parts),
            billing: O::BILLING,
            units: O::units(parts),
            metadata: O::metadata(parts),
        };
        let pass = ask(GuardState::of(parts)?, question).await?;
        Ok(Self { pass, operation: PhantomData })
    }
}
