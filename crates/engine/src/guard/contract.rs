use portcullis_types::{
    AuthError, BoxFuture, Caller, Guard, GuardOutcome, GuardRequest, MicroCredits, SettleError,
};

use super::pipeline::{self, Trust};
use crate::Portcullis;

impl Guard for Portcullis {
    fn authenticate<'a>(&'a self, bearer: &'a str) -> BoxFuture<'a, Result<Caller, AuthError>> {
        Box::pin(async move { Ok(self.bearer(bearer).await?.caller) })
    }

    fn check<'a>(&'a self, request: GuardRequest<'a>) -> BoxFuture<'a, GuardOutcome> {
        Box::pin(pipeline::run(self, request, Trust::Application))
    }

    fn commit<'a>(
        &'a self,
        reservation_id: &'a str,
        amount: Option<MicroCredits>,
    ) -> BoxFuture<'a, Result<MicroCredits, SettleError>> {
        self.inner.settings.stages.ledger.commit(self, reservation_id, amount)
    }

    fn release<'a>(&'a self, reservation_id: &'a str) -> BoxFuture<'a, Result<(), SettleError>> {
        self.inner.settings.stages.ledger.release(self, reservation_id)
    }
}
