use portcullis_types::credits::{CommitCreditsBody, CreditReservation, ExtendCreditsBody};

use super::{ledger, require};
use crate::{Cx, Error, Portcullis, Result};

/// Takes what a reservation holds: all of it, or the amount that the body says. The same call again gives the same answer.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without `credits:spend` on `Portcullis:Credits/{account}`;
/// [`Error::ReservationClosed`]; [`Error::IdempotencyConflict`]; [`Error::Invalid`].
pub async fn commit(
    portcullis: &Portcullis,
    cx: &Cx,
    reservation_id: &str,
    body: CommitCreditsBody,
) -> Result<CreditReservation> {
    may_spend(portcullis, cx, reservation_id).await?;
    Ok(ledger::commit(portcullis, reservation_id, body.amount, body.idempotency_key.as_deref()).await?)
}

/// Gives back what a reservation holds. What was given back before stays so.
///
/// # Errors
/// As [`commit`].
pub async fn release(portcullis: &Portcullis, cx: &Cx, reservation_id: &str) -> Result<CreditReservation> {
    may_spend(portcullis, cx, reservation_id).await?;
    Ok(ledger::release(portcullis, reservation_id).await?)
}

/// Lets a hold last longer: 86,400 seconds in total at most.
///
/// # Errors
/// As [`commit`].
pub async fn extend(
    portcullis: &Portcullis,
    cx: &Cx,
    reservation_id: &str,
    body: ExtendCreditsBody,
) -> Result<CreditReservation> {
    may_spend(portcullis, cx, reservation_id).await?;
    Ok(ledger::extend(portcullis, reservation_id, body.ttl_seconds).await?)
}

async fn may_spend(portcullis: &Portcullis, cx: &Cx, reservation_id: &str) -> Result<()> {
    crate::access::checked(portcullis_types::id::credit_id, "reservationId", reservation_id)?;
    let rights = portcullis.rights(cx).await?;
    let wallet = portcullis.read().await?.queries().wallet_of_reservation(reservation_id).await?;
    let wallet = wallet.ok_or(Error::NotFound("reservation"))?;
    require(&rights, cx, "credits:spend", &wallet.account_id, "reservation")
}
