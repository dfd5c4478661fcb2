use portcullis_domain::credits::{
    CommitStep, Movement, Reach, ReleaseStep, StoredReservation, checked_amount, split, ttl_secs,
};
use portcullis_store::Queries;
use portcullis_types::MicroCredits;
use portcullis_types::credits::{CreditReservation, EntryKind, ReservationState};

use crate::credits::CreditError;
use crate::credits::books::Books;
use crate::credits::keyed::Keyed;
use crate::{Error, Portcullis, Result};

/// What is done about a reservation.
enum Step {
    Commit { actual: Option<MicroCredits>, keyed: Keyed },
    Release,
    Extend { ttl: i64 },
}

/// Takes what is held: all of it, or `actual`, with the rest given back to where it came from. More than is held, and a
/// commit after the hold has expired, go as the rule says. The same call again gives the same answer.
///
/// # Errors
/// [`CreditError::NotFound`], [`CreditError::Closed`], [`CreditError::IdempotencyConflict`], [`CreditError::Invalid`],
/// [`CreditError::Failed`].
pub async fn commit(
    portcullis: &Portcullis,
    reservation_id: &str,
    actual: Option<MicroCredits>,
    key: Option<&str>,
) -> Result<CreditReservation, CreditError> {
    if let Some(actual) = actual {
        checked_amount("amount", actual, 0)?;
    }
    let keyed = Keyed::new(key, &("commit", reservation_id, actual))?;
    settle(portcullis, reservation_id, Step::Commit { actual, keyed }).await
}

/// Gives back what is held. What was given back before stays so.
///
/// # Errors
/// [`CreditError::NotFound`]; [`CreditError::Closed`] once it is committed; [`CreditError::Failed`].
pub async fn release(
    portcullis: &Portcullis,
    reservation_id: &str,
) -> Result<CreditReservation, CreditError> {
    settle(portcullis, reservation_id, Step::Release).await
}

/// Holds for `ttl` seconds from now on (300 if none), 86,400 seconds in total at most.
///
/// # Errors
/// [`CreditError::Invalid`], [`CreditError::NotFound`]; [`CreditError::Closed`] unless it is pending; [`CreditError::Failed`].
pub async fn extend(
    portcullis: &Portcullis,
    reservation_id: &str,
    ttl: Option<i64>,
) -> Result<CreditReservation, CreditError> {
    let ttl = ttl_secs("ttlSeconds", ttl)?;
    settle(portcullis, reservation_id, Step::Extend { ttl }).await
}

async fn settle(
    portcullis: &Portcullis,
    reservation_id: &str,
    step: Step,
) -> Result<CreditReservation, CreditError> {
    let (portcullis, id) = (portcullis.clone(), reservation_id.to_owned());
    let done = Portcullis::to_the_end(async move {
        let mut tx = portcullis.inner.store.begin().await?;
        let queries = tx.queries();
        let wallet = queries.wallet_of_reservation_for_update(&id).await?;
        let mut books = Books::of(wallet.ok_or(Error::NotFound("reservation"))?, portcullis.now());
        let answer = match step {
            Step::Commit { actual, keyed } => match keyed.answered(queries, books.wallet.id).await? {
                Some(answer) => return Ok(answer),
                None => {
                    let answer = books.commit(queries, &id, actual).await?;
                    keyed.keep(queries, books.wallet.id, &answer, books.now).await?;
                    answer
                }
            },
            Step::Release => books.release(queries, &id).await?,
            Step::Extend { ttl } => books.extend(queries, &id, ttl).await?,
        };
        books.save(queries).await?;
        tx.commit().await?;
        Ok(answer)
    })
    .await?;
    Ok(done)
}

impl Books {
    async fn commit(
        &mut self,
        queries: &mut dyn Queries,
        id: &str,
        actual: Option<MicroCredits>,
    ) -> Result<CreditReservation> {
        let mut reservation = self.reservation(queries, id).await?;
        match reservation.commit_step(actual) {
            CommitStep::Closed => return Err(Error::ReservationClosed),
            CommitStep::Done => {}
            CommitStep::Take(asked) => self.take(queries, &mut reservation, asked).await?,
            CommitStep::TakeAfresh(asked) => {
                reservation.allocations.clear();
                self.take_more(queries, &mut reservation, asked, true).await?;
                self.committed(queries, &mut reservation, asked).await?;
            }
        }
        Ok(self.wire(&reservation))
    }

    /// Takes `asked` of what is held, gives the rest back, and takes more if it is more.
    async fn take(
        &mut self,
        queries: &mut dyn Queries,
        reservation: &mut StoredReservation,
        asked: MicroCredits,
    ) -> Result<()> {
        let held = std::mem::take(&mut reservation.allocations);
        let (taken, rest) = split(held, asked);
        let mut movement = Movement::new(EntryKind::Commit);
        movement.take(&mut self.wallet, &taken, &reservation.reservation_id);
        movement.give_back(&mut self.wallet, &rest, &reservation.reservation_id);
        self.post(queries, movement).await?;
        reservation.allocations = taken;
        let more = MicroCredits(asked.0.saturating_sub(reservation.amount.0));
        if more > MicroCredits::ZERO {
            self.take_more(queries, reservation, more, false).await?;
        }
        self.committed(queries, reservation, asked).await
    }

    /// Takes what nobody holds, as far as the rule lets a commit reach.
    async fn take_more(
        &mut self,
        queries: &mut dyn Queries,
        reservation: &mut StoredReservation,
        more: MicroCredits,
        late: bool,
    ) -> Result<()> {
        let reach = Reach::of_commit(&reservation.terms, late);
        let draw = self.wallet.draw(more, reach).unwrap_or_default();
        self.allow_overdraft(draw, reservation.terms.overdraft_limit);
        let parts = self.allocate(queries, draw).await?;
        let mut movement = Movement::new(EntryKind::Commit);
        movement.spend(&mut self.wallet, &parts, &reservation.reservation_id);
        self.post(queries, movement).await?;
        reservation.allocations.extend(parts);
        Ok(())
    }

    async fn committed(
        &mut self,
        queries: &mut dyn Queries,
        reservation: &mut StoredReservation,
        asked: MicroCredits,
    ) -> Result<()> {
        let taken: i64 = reservation.allocations.iter().map(|part| part.amount.0).sum();
        reservation.state = ReservationState::Committed;
        reservation.asked = Some(asked);
        reservation.committed = Some(MicroCredits(taken));
        Ok(queries.save_reservation(reservation).await?)
    }

    async fn release(&mut self, queries: &mut dyn Queries, id: &str) -> Result<CreditReservation> {
        let mut reservation = self.reservation(queries, id).await?;
        match reservation.release_step() {
            ReleaseStep::Closed => return Err(Error::ReservationClosed),
            ReleaseStep::Done => {}
            ReleaseStep::GiveBack => {
                let mut movement = Movement::new(EntryKind::Release);
                movement.give_back(&mut self.wallet, &reservation.allocations, id);
                self.post(queries, movement).await?;
                reservation.state = ReservationState::Released;
                queries.save_reservation(&reservation).await?;
            }
        }
        Ok(self.wire(&reservation))
    }

    async fn extend(&mut self, queries: &mut dyn Queries, id: &str, ttl: i64) -> Result<CreditReservation> {
        let mut reservation = self.reservation(queries, id).await?;
        if reservation.state != ReservationState::Pending {
            return Err(Error::ReservationClosed);
        }
        reservation.expires_at = reservation.extended(self.now, ttl)?;
        queries.save_reservation(&reservation).await?;
        Ok(self.wire(&reservation))
    }

    fn wire(&self, reservation: &StoredReservation) -> CreditReservation {
        reservation.wire(&self.wallet.account_id, &self.wallet.currency)
    }

    /// The reservation; if its time is over, it is given back first, so that nothing depends on who noticed.
    async fn reservation(
        &mut self,
        queries: &mut dyn Queries,
        reservation_id: &str,
    ) -> Result<StoredReservation> {
        self.catch_up(queries).await?;
        let found = queries.reservation(reservation_id).await?;
        let mut found = found.ok_or(Error::NotFound("reservation"))?;
        if found.has_lapsed(self.now) {
            let mut movement = Movement::new(EntryKind::Lapse);
            movement.give_back(&mut self.wallet, &found.allocations, reservation_id);
            self.post(queries, movement).await?;
            queries.expire_reservations(&[reservation_id]).await?;
            found.state = ReservationState::Expired;
        }
        Ok(found)
    }
}
