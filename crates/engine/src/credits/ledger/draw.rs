use portcullis_domain::credits::{
    Allocation, Movement, Reach, StoredReservation, Terms, checked_account, checked_amount, checked_currency,
    ttl_secs,
};
use portcullis_store::Queries;
use portcullis_types::credits::{CreditReservation, CreditShortage, EntryKind, ReservationState};
use portcullis_types::{FieldError, MicroCredits, Timestamp};

use crate::credits::CreditError;
use crate::credits::books::Books;
use crate::credits::keyed::Keyed;
use crate::{Error, Portcullis, Result};

/// What is to be held, or taken at once.
#[derive(Clone, Debug, Default)]
pub struct Reserve {
    /// The wallet: an organization's id, else a user's.
    pub account_id: String,
    /// `CREDIT` if none.
    pub currency: Option<String>,
    /// 0 to [`MicroCredits::MAX`].
    pub amount: MicroCredits,
    /// 1 to 255 characters: the same key with the same request gives the same answer.
    pub key: Option<String>,
    /// 1 to 86,400; 300 if none.
    pub ttl_secs: Option<i64>,
    /// What it is for, up to 128 characters.
    pub operation: Option<String>,
    /// For whom.
    pub subject: Option<String>,
    /// What the rule says that priced it.
    pub terms: Terms,
    /// Whether the answer to a key that was used before must be a hold that still is one: what was taken or given back pays for
    /// nothing more, and the key conflicts.
    pub still_held: bool,
}

/// What is done with the amount.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Hold,
    Charge,
}

/// Holds credits until they are committed, released, or their time is over.
///
/// # Errors
/// [`CreditError::Insufficient`], [`CreditError::IdempotencyConflict`], [`CreditError::Invalid`], [`CreditError::Failed`].
pub async fn reserve(portcullis: &Portcullis, request: Reserve) -> Result<CreditReservation, CreditError> {
    draw(portcullis, request, Way::Hold).await
}

/// Takes credits at once. The answer is a reservation that is committed: it can be refunded.
///
/// # Errors
/// As [`reserve`].
pub async fn charge(portcullis: &Portcullis, request: Reserve) -> Result<CreditReservation, CreditError> {
    draw(portcullis, request, Way::Charge).await
}

async fn draw(portcullis: &Portcullis, request: Reserve, way: Way) -> Result<CreditReservation, CreditError> {
    checked_account("accountId", &request.account_id)?;
    checked_amount("amount", request.amount, 0)?;
    let currency = checked_currency(request.currency.as_deref())?.to_owned();
    let ttl = ttl_secs("ttlSeconds", request.ttl_secs)?;
    if request.operation.as_ref().is_some_and(|text| text.chars().count() > 128 || text.contains('\0')) {
        return Err(FieldError::new("operation", "up to 128 characters, none of them NUL").into());
    }
    let verb = if way == Way::Hold { "reserve" } else { "charge" };
    let asked = (verb, &currency, request.amount, &request.operation, request.ttl_secs);
    let keyed = Keyed::new(request.key.as_deref(), &asked)?;
    let portcullis = portcullis.clone();
    let done = Portcullis::to_the_end(async move {
        let now = portcullis.now();
        let mut tx = portcullis.inner.store.begin().await?;
        let queries = tx.queries();
        let mut books = Books::open(queries, (&request.account_id, &currency), now).await?;
        if let Some(answer) = keyed.answered(queries, books.wallet.id).await? {
            return still_held(queries, answer, request.still_held, now).await;
        }
        let parts = books.parts_for(queries, &request).await?;
        let reservation = StoredReservation {
            reservation_id: portcullis.mint("rsv_")?,
            wallet: books.wallet.id,
            amount: request.amount,
            state: ReservationState::Pending,
            allocations: parts,
            operation: request.operation,
            subject: request.subject,
            terms: request.terms,
            created_at: now,
            expires_at: now.plus_secs(ttl),
            asked: None,
            committed: None,
            refunded: MicroCredits::ZERO,
        };
        let reservation = books.place(queries, reservation, way).await?;
        let answer = reservation.wire(&request.account_id, &currency);
        keyed.keep(queries, books.wallet.id, &answer, now).await?;
        books.save(queries).await?;
        tx.commit().await?;
        Ok(answer)
    })
    .await?;
    Ok(done)
}

async fn still_held(
    queries: &mut dyn Queries,
    answer: CreditReservation,
    wanted: bool,
    now: Timestamp,
) -> Result<CreditReservation> {
    if wanted && answer.state == ReservationState::Pending {
        let stored = queries.reservation(&answer.reservation_id).await?;
        let held = |one: &StoredReservation| one.state == ReservationState::Pending && !one.has_lapsed(now);
        if !stored.as_ref().is_some_and(held) {
            return Err(Error::IdempotencyConflict);
        }
    }
    Ok(answer)
}

impl Books {
    /// What pays a reservation; whatever is past its time is given back first, as far as that is needed.
    async fn parts_for(&mut self, queries: &mut dyn Queries, request: &Reserve) -> Result<Vec<Allocation>> {
        self.catch_up(queries).await?;
        let reach = Reach::of_reserve(&request.terms);
        let draw = loop {
            if let Some(draw) = self.wallet.draw(request.amount, reach) {
                break draw;
            }
            if !self.wallet.is_due(self.now) {
                return Err(Error::CreditsInsufficient(Box::new(CreditShortage {
                    required: request.amount,
                    available: Some(self.wallet.available),
                    currency: self.wallet.currency.clone(),
                    billing_account_id: self.wallet.account_id.clone(),
                    operation: request.operation.clone(),
                })));
            }
            self.catch_up(queries).await?;
        };
        self.check_room(MicroCredits(draw.overdraft.saturating_add(draw.overage)))?;
        self.allow_overdraft(draw, request.terms.overdraft_limit);
        self.allocate(queries, draw).await
    }

    /// Holds or takes what a new reservation has allocated, and writes it.
    async fn place(
        &mut self,
        queries: &mut dyn Queries,
        mut reservation: StoredReservation,
        way: Way,
    ) -> Result<StoredReservation> {
        let id = &reservation.reservation_id;
        let movement = match way {
            Way::Hold => {
                let mut movement = Movement::new(EntryKind::Reserve);
                movement.hold(&mut self.wallet, &reservation.allocations, id);
                self.wallet.due_by(reservation.expires_at);
                movement
            }
            Way::Charge => {
                let mut movement = Movement::new(EntryKind::Charge);
                movement.spend(&mut self.wallet, &reservation.allocations, id);
                reservation.state = ReservationState::Committed;
                reservation.asked = Some(reservation.amount);
                reservation.committed = Some(reservation.amount);
                movement
            }
        };
        self.post(queries, movement).await?;
        queries.insert_reservation(&reservation).await?;
        Ok(reservation)
    }
}
