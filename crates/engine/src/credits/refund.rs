use portcullis_domain::credits::{Movement, Source, StoredGrant, StoredReservation, Wallet, checked_amount};
use portcullis_store::Queries;
use portcullis_types::credits::{
    CreditCategory, CreditGrantState, CreditRefund, CreditRefundBody, EntryKind, ReservationState,
};
use portcullis_types::{FieldError, MicroCredits};

use super::books::Books;
use super::keyed::Keyed;
use super::require;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Gives back what a reservation or a charge took: all that was not given back yet, or a part. Each grant that had paid
/// becomes a new one of the category `refund` with the expiry of the old; what was lent or noted for an invoice is
/// forgiven.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without `credits:refund` on `Portcullis:Credits/{account}`;
/// [`Error::ReservationClosed`] unless it is committed; [`Error::IdempotencyConflict`]; [`Error::Invalid`].
pub async fn refund(portcullis: &Portcullis, cx: &Cx, body: CreditRefundBody) -> Result<CreditRefund> {
    if let Some(amount) = body.amount {
        checked_amount("amount", amount, 1)?;
    }
    let keyed = Keyed::new(body.idempotency_key.as_deref(), &("refund", &body.reservation_id, body.amount))?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let queries = unit.queries();
        let wallet = queries.wallet_of_reservation_for_update(&body.reservation_id).await?;
        let mut books = Books::of(wallet.ok_or(Error::NotFound("reservation"))?, portcullis.now());
        require(&rights, &cx, "credits:refund", &books.wallet.account_id, "reservation")?;
        if let Some(answer) = keyed.answered(queries, books.wallet.id).await? {
            return Ok(answer);
        }
        books.catch_up(queries).await?;
        let answer = books.refund(&portcullis, queries, &body).await?;
        keyed.keep(queries, books.wallet.id, &answer, books.now).await?;
        books.save(queries).await?;
        let detail = format!("{} {} to {}", answer.amount, books.wallet.currency, books.wallet.account_id);
        unit.audit("credits.refund", &body.reservation_id, Some(detail));
        unit.commit().await?;
        Ok(answer)
    })
    .await
}

impl Books {
    async fn refund(
        &mut self,
        portcullis: &Portcullis,
        queries: &mut dyn Queries,
        body: &CreditRefundBody,
    ) -> Result<CreditRefund> {
        let found = queries.reservation(&body.reservation_id).await?;
        let mut reservation = found.ok_or(Error::NotFound("reservation"))?;
        if reservation.state != ReservationState::Committed {
            return Err(Error::ReservationClosed);
        }
        let open = reservation.refundable();
        let amount = body.amount.unwrap_or(open);
        if amount > open || amount <= MicroCredits::ZERO {
            let expected = format!("1 to {} micro-credits: what was not given back yet", open.0);
            return Err(FieldError::new("amount", expected).into());
        }
        self.check_room(amount)?;
        let mut movement = Movement::new(EntryKind::Refund);
        let mut grants = Vec::new();
        for part in reservation.refund_parts(amount) {
            let id = &reservation.reservation_id;
            // What was lent may have been paid since; then it comes back as credits.
            let forgiven = match part.from {
                Source::Grant(_) => 0,
                Source::Overage => part.amount.0,
                Source::Overdraft => {
                    part.amount.0.min(self.wallet.overdraft.0 - self.wallet.overdraft_held.0)
                }
            };
            if forgiven > 0 {
                movement.forgive(&mut self.wallet, &part.from, forgiven, id);
            }
            let credited = MicroCredits(part.amount.0 - forgiven);
            if credited > MicroCredits::ZERO {
                let paid_by = if let Source::Grant(grant) = &part.from { Some(grant.as_str()) } else { None };
                let grant = self.new_grant(portcullis, queries, (paid_by, credited), &reservation).await?;
                movement.refund(&mut self.wallet, &grant, paid_by, id);
                grants.push(grant.wire(&self.wallet.account_id, &self.wallet.currency));
            }
        }
        self.post(queries, movement).await?;
        reservation.refunded = MicroCredits(reservation.refunded.0.saturating_add(amount.0));
        queries.save_reservation(&reservation).await?;
        Ok(CreditRefund { reservation_id: reservation.reservation_id, amount, grants })
    }

    /// What comes back of one grant: with the priority and the expiry that it had.
    async fn new_grant(
        &mut self,
        portcullis: &Portcullis,
        queries: &mut dyn Queries,
        (paid_by, amount): (Option<&str>, MicroCredits),
        reservation: &StoredReservation,
    ) -> Result<StoredGrant> {
        let before = match paid_by {
            Some(grant_id) => queries.credit_grant(grant_id).await?,
            None => None,
        };
        let grant = StoredGrant {
            grant_id: portcullis.mint("grt_")?,
            wallet: self.wallet.id,
            amount,
            remaining: amount,
            held: MicroCredits::ZERO,
            category: CreditCategory::Refund,
            priority: before.as_ref().map_or(50, |before| before.priority),
            effective_at: self.now,
            expires_at: before.as_ref().map_or(Wallet::NEVER, |before| before.expires_at),
            source_ref: Some(reservation.reservation_id.clone()),
            state: CreditGrantState::Live,
            voided_at: None,
            created_at: self.now,
        };
        if !queries.insert_credit_grant(&grant).await? {
            return Err(Error::internal("the id of a new grant is in use"));
        }
        self.wallet.due_by(grant.expires_at);
        Ok(grant)
    }
}
