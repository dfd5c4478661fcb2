use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use portcullis_types::guard::HeldCredits;
use portcullis_types::{MicroCredits, UserContext};

use crate::guard::refusal::GuardRefusal;
use crate::guard::settle::Holds;
use crate::guard::state::GuardState;

/// A yes: who asked, and what is held for it. Handlers extract it behind [`require_op`](crate::require_op), and take it out of
/// [`Guarded`](crate::Guarded).
///
/// What is held is taken when the response says success (2xx, 3xx; of a body sent piece by piece: when it ends) and given back when
/// it does not, or when the handler panics, times out, or its client goes away.
#[derive(Clone)]
pub struct GuardPass {
    /// Who asked.
    pub context: Arc<UserContext>,
    /// What is held; `None` when the operation is free, was charged at once, or only looked whether there is enough.
    pub reservation: Option<HeldCredits>,
    pub(super) holds: Arc<Holds>,
}

impl GuardPass {
    /// Says what the work really cost: this is taken instead of all that is held, also when it is more, as far as the operation's
    /// rule allows. It may be called again as the work goes on; the last amount counts. When a response breaks off in the middle
    /// of its body, the last amount is taken; without one nothing is.
    ///
    /// From nothing to [`MicroCredits::MAX`]. Another amount is a fault of the application: it is logged, and does not count. Without
    /// a reservation, and after the response, there is nothing to set.
    pub fn set_actual(&self, amount: MicroCredits) {
        let Some(reservation) = &self.reservation else { return };
        if (MicroCredits::ZERO..=MicroCredits::MAX).contains(&amount) {
            self.holds.set_actual(&reservation.id, amount);
        } else {
            tracing::error!(reservation = reservation.id, %amount, "no amount that can be charged");
        }
    }
}

impl std::fmt::Debug for GuardPass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardPass")
            .field("context", &self.context)
            .field("reservation", &self.reservation)
            .finish_non_exhaustive()
    }
}

/// The pass of the innermost [`require_op`](crate::require_op) around a handler; elsewhere 500.
impl<S: Sync> FromRequestParts<S> for GuardPass {
    type Rejection = GuardRefusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, GuardRefusal> {
        match parts.extensions.get::<Self>() {
            Some(pass) => Ok(pass.clone()),
            None => Err(GuardRefusal::no_layer(GuardState::of(parts)?.form.clone())),
        }
    }
}
