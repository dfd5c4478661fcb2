use portcullis_domain::credits::checked_account;
use portcullis_types::credits::{CreditReservation, CreditReservationBody};

use super::ledger::{self, Reserve};
use super::{may_read, require};
use crate::{Cx, Error, Portcullis, Result};

/// Holds credits of a wallet until they are committed, released, or their time is over.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without `credits:spend` on `Portcullis:Credits/{account}`;
/// [`Error::CreditsInsufficient`]; [`Error::IdempotencyConflict`]; [`Error::Invalid`].
pub async fn reserve(
    portcullis: &Portcullis,
    cx: &Cx,
    body: CreditReservationBody,
) -> Result<CreditReservation> {
    checked_account("accountId", &body.account_id)?;
    let rights = portcullis.rights(cx).await?;
    require(&rights, cx, "credits:spend", &body.account_id, "wallet")?;
    let reads = may_read(&rights, cx, &body.account_id);
    let request = Reserve {
        account_id: body.account_id,
        currency: body.currency,
        amount: body.amount,
        key: body.idempotency_key,
        ttl_secs: body.ttl_seconds,
        operation: body.operation,
        subject: Some(cx.name().to_owned()),
        ..Reserve::default()
    };
    ledger::reserve(portcullis, request).await.map_err(|error| match Error::from(error) {
        Error::CreditsInsufficient(mut shortage) if !reads => {
            shortage.available = None;
            Error::CreditsInsufficient(shortage)
        }
        error => error,
    })
}
