use portcullis_domain::credits::{Allocation, Draw, Movement, Source, StoredGrant, Wallet, allocate};
use portcullis_store::Queries;
use portcullis_types::credits::{EntryKind, LedgerAccount};
use portcullis_types::{FieldError, MicroCredits, Timestamp};

use crate::{Error, Result};

/// How many grants are looked at together, and how many holds and grants end in one step.
const BATCH: u32 = 100;

/// A wallet whose row is locked, within one transaction of the database: the one place that writes to the ledger.
pub(super) struct Books {
    pub(super) wallet: Wallet,
    pub(super) now: Timestamp,
}

impl Books {
    pub(super) fn of(wallet: Wallet, now: Timestamp) -> Self {
        Self { wallet, now }
    }

    /// Locks a wallet; makes it if there is none.
    pub(super) async fn open(
        queries: &mut dyn Queries,
        (account_id, currency): (&str, &str),
        now: Timestamp,
    ) -> Result<Self> {
        if let Some(wallet) = queries.wallet_for_update(account_id, currency).await? {
            return Ok(Self { wallet, now });
        }
        queries.create_wallet(account_id, currency, now).await?;
        let wallet = queries.wallet_for_update(account_id, currency).await?;
        let wallet = wallet.ok_or_else(|| Error::internal("a wallet that was just made is not there"))?;
        Ok(Self { wallet, now })
    }

    /// Ends what is past its time and begins what is due: a bounded part of it. What is left stays due.
    pub(super) async fn catch_up(&mut self, queries: &mut dyn Queries) -> Result<()> {
        if !self.wallet.is_due(self.now) {
            return Ok(());
        }
        self.lapse(queries).await?;
        self.begin(queries).await?;
        self.expire(queries).await?;
        self.wallet.due_at = queries.next_due(self.wallet.id).await?;
        Ok(())
    }

    /// Gives back holds whose time is over.
    async fn lapse(&mut self, queries: &mut dyn Queries) -> Result<()> {
        let lapsed = queries.lapsed_reservations(self.wallet.id, self.now, BATCH).await?;
        if lapsed.is_empty() {
            return Ok(());
        }
        let mut movement = Movement::new(EntryKind::Lapse);
        for one in &lapsed {
            movement.give_back(&mut self.wallet, &one.allocations, &one.reservation_id);
        }
        self.post(queries, movement).await?;
        let ids: Vec<_> = lapsed.iter().map(|one| one.reservation_id.as_str()).collect();
        Ok(queries.expire_reservations(&ids).await?)
    }

    /// Makes grants live whose time has come; the first thing that they pay is what is owed.
    async fn begin(&mut self, queries: &mut dyn Queries) -> Result<()> {
        let mut begun = queries.begin_grants(self.wallet.id, self.now).await?;
        // Which of them pays must not depend on the order in which a database finds them.
        begun.sort_by(|one, other| {
            (one.effective_at, &one.grant_id).cmp(&(other.effective_at, &other.grant_id))
        });
        let mut movement = Movement::new(EntryKind::Settle);
        for grant in &begun {
            self.wallet.waiting.0 -= grant.remaining.0;
            self.wallet.available.0 += grant.remaining.0;
            movement.settle(&mut self.wallet, &grant.grant_id, grant.free());
        }
        self.post(queries, movement).await
    }

    /// Ends grants whose time is over. What is held of them stays usable until its reservation ends.
    async fn expire(&mut self, queries: &mut dyn Queries) -> Result<()> {
        let overdue = queries.overdue_grants(self.wallet.id, self.now, BATCH).await?;
        let mut movement = Movement::new(EntryKind::Expire);
        for grant in &overdue {
            movement.end(&mut self.wallet, grant, LedgerAccount::Expired);
        }
        self.post(queries, movement).await
    }

    /// Adds a new grant, which pays first what is owed. False: its id exists.
    pub(super) async fn issue(&mut self, queries: &mut dyn Queries, grant: &mut StoredGrant) -> Result<bool> {
        grant.wallet = self.wallet.id;
        if !queries.insert_credit_grant(grant).await? {
            return Ok(false);
        }
        let mut movement = Movement::new(EntryKind::Grant);
        movement.issue(&mut self.wallet, grant);
        if grant.state == portcullis_types::credits::CreditGrantState::Live {
            let paid = movement.settle(&mut self.wallet, &grant.grant_id, grant.free());
            grant.remaining.0 -= paid;
        }
        self.wallet.due_by(grant.next_turn());
        self.post(queries, movement).await?;
        Ok(true)
    }

    /// What pays an amount, in burn order.
    pub(super) async fn allocate(&self, queries: &mut dyn Queries, draw: Draw) -> Result<Vec<Allocation>> {
        let (mut parts, mut missing, mut skip) = (Vec::new(), MicroCredits(draw.credits), 0);
        while missing > MicroCredits::ZERO {
            let grants = queries.spendable_grants(self.wallet.id, skip, BATCH).await?;
            if grants.is_empty() {
                // The balance says that there is more: taking less than was asked for would hide that.
                return Err(Error::internal("a wallet's balance is more than its grants hold"));
            }
            let (taken, open) = allocate(grants.into_iter().map(StoredGrant::spendable), missing);
            parts.extend(taken);
            (missing, skip) = (open, skip.saturating_add(BATCH));
        }
        for (from, amount) in [(Source::Overdraft, draw.overdraft), (Source::Overage, draw.overage)] {
            if amount > 0 {
                parts.push(Allocation { from, amount: MicroCredits(amount) });
            }
        }
        Ok(parts)
    }

    /// Notes that a rule lets the wallet go this far below zero.
    pub(super) fn allow_overdraft(&mut self, draw: Draw, limit: MicroCredits) {
        if draw.overdraft > 0 {
            self.wallet.overdraft_limit = self.wallet.overdraft_limit.max(limit);
        }
    }

    /// Refuses an amount that would make the wallet's numbers larger than every client reads exactly.
    pub(super) fn check_room(&self, amount: MicroCredits) -> Result<()> {
        let wallet = &self.wallet;
        let sum = i128::from(wallet.free()) + i128::from(wallet.held.0) + i128::from(wallet.waiting.0);
        if sum + i128::from(amount.0) <= i128::from(MicroCredits::MAX.0) {
            return Ok(());
        }
        let most = MicroCredits::MAX.0;
        Err(FieldError::new(
            "amount",
            format!("so little that the wallet holds at most {most} micro-credits"),
        )
        .into())
    }

    /// Writes one transaction of the ledger.
    pub(super) async fn post(&mut self, queries: &mut dyn Queries, movement: Movement) -> Result<()> {
        let kind = movement.kind;
        let moved = queries.move_grants(movement.grants()).await?;
        let entries = movement.into_entries(&mut self.wallet, &moved);
        if entries.is_empty() {
            return Ok(());
        }
        self.wallet.transaction = self.wallet.transaction.saturating_add(1);
        let at = (self.wallet.id, self.wallet.transaction);
        Ok(queries.append_entries(at, kind, &entries, self.now).await?)
    }

    /// Writes the balances: last, before the transaction is committed.
    pub(super) async fn save(&self, queries: &mut dyn Queries) -> Result<()> {
        Ok(queries.save_wallet(&self.wallet).await?)
    }
}
