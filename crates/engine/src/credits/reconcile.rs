use std::collections::BTreeMap;

use portcullis_domain::credits::{Source, StoredGrant, Wallet};
use portcullis_store::Queries;
use portcullis_types::Timestamp;
use portcullis_types::credits::{
    CreditDifference, CreditEntry, CreditGrantState, LedgerAccount as L, Reconciliation,
};

use crate::{Cx, Portcullis, Result};

/// How many rows are read at once.
const BATCH: u32 = 1000;
/// The most differences that are told.
const MOST: usize = 1000;

/// Replays the ledgers of all wallets and compares them with what is stored beside them: grants, reservations, balances. A
/// difference is a fault of this program, or of whoever wrote behind its back.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `credits:read` on `Portcullis:Credits`.
pub async fn reconcile(portcullis: &Portcullis, cx: &Cx) -> Result<Reconciliation> {
    portcullis.rights(cx).await?.require("credits:read", "Portcullis:Credits")?;
    let (mut found, mut last) = (Reconciliation::default(), 0);
    loop {
        // A view for each batch, so that a long list keeps no old rows alive for all of its time.
        let mut snapshot = portcullis.read().await?;
        let wallets = snapshot.queries().wallets_after(last, 10).await?;
        let Some(newest) = wallets.last() else { return Ok(found) };
        last = newest.id;
        for wallet in wallets {
            let mut replay = Replay { wallet, entries: 0, sums: BTreeMap::new(), wrong: Vec::new() };
            replay.entries(snapshot.queries()).await?;
            let free = replay.grants(snapshot.queries()).await?;
            replay.balances(free);
            found.wallets += 1;
            found.entries += replay.entries;
            let room = MOST.saturating_sub(found.differences.len());
            found.differences.extend(replay.wrong.into_iter().take(room));
        }
    }
}

/// One wallet's ledger, added up: by account of the ledger, and by grant.
struct Replay {
    wallet: Wallet,
    entries: u64,
    sums: BTreeMap<(L, Option<String>), i128>,
    wrong: Vec<CreditDifference>,
}

impl Replay {
    fn expect(&mut self, what: impl Into<String>, ledger: i128, stored: i128) {
        if ledger != stored {
            let small = |number: i128| i64::try_from(number).unwrap_or(i64::MAX);
            self.wrong.push(CreditDifference {
                account_id: self.wallet.account_id.clone(),
                currency: self.wallet.currency.clone(),
                what: what.into(),
                ledger: small(ledger),
                stored: small(stored),
            });
        }
    }

    /// All that an account of the ledger holds.
    fn total(&self, ledger: L) -> i128 {
        self.sums.iter().filter(|((one, _), _)| *one == ledger).map(|(_, sum)| sum).sum()
    }

    fn of_grant(&self, ledger: L, grant_id: &str) -> i128 {
        self.sums.get(&(ledger, Some(grant_id.to_owned()))).copied().unwrap_or(0)
    }

    /// Adds up every line; the lines of each transaction must sum to zero, and no transaction may be missing.
    async fn entries(&mut self, queries: &mut dyn Queries) -> Result<()> {
        let (mut after, mut sum, mut transaction) = ((0, i64::MAX), 0, 0);
        loop {
            let batch = queries.entries_after(self.wallet.id, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = (last.transaction, last.line);
            for entry in batch {
                if entry.transaction != transaction {
                    self.expect(format!("transaction {transaction}"), sum, 0);
                    self.expect("next transaction", (transaction + 1).into(), entry.transaction.into());
                    (sum, transaction) = (0, entry.transaction);
                }
                sum += i128::from(entry.delta.0);
                self.add(entry);
            }
        }
        self.expect(format!("transaction {transaction}"), sum, 0);
        self.expect("last transaction", transaction.into(), self.wallet.transaction.into());
        Ok(())
    }

    fn add(&mut self, entry: CreditEntry) {
        self.entries += 1;
        *self.sums.entry((entry.ledger, entry.grant_id)).or_default() += i128::from(entry.delta.0);
    }

    /// Compares grants with the ledger and with what pending reservations hold of them. Gives what is free in live grants,
    /// and what waits in others.
    async fn grants(&mut self, queries: &mut dyn Queries) -> Result<(i128, i128)> {
        let mut holds = self.holds(queries).await?;
        let (mut free, mut waiting, mut after) = (0, 0, None::<String>);
        loop {
            let batch = queries.credit_grants(self.wallet.id, after.as_deref(), BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.grant_id.clone());
            for grant in batch {
                let held = holds.remove(&Source::Grant(grant.grant_id.clone())).unwrap_or(0);
                self.grant(&grant, held);
                match grant.state {
                    CreditGrantState::Live => free += i128::from(grant.free()),
                    CreditGrantState::Waiting => waiting += i128::from(grant.free()),
                    CreditGrantState::Ended => {}
                }
            }
        }
        for (source, held) in holds {
            match source {
                Source::Grant(grant_id) => {
                    self.expect(format!("grant {grant_id}, which is not there"), 0, held)
                }
                Source::Overdraft => self.expect("overdraft held", held, self.wallet.overdraft_held.0.into()),
                Source::Overage => {}
            }
        }
        Ok((free, waiting))
    }

    fn grant(&mut self, grant: &StoredGrant, held: i128) {
        let id = &grant.grant_id;
        let free = if grant.state == CreditGrantState::Ended { 0 } else { grant.free() };
        self.expect(format!("grant {id}"), self.of_grant(L::Grant, id), free.into());
        self.expect(format!("held of grant {id}"), self.of_grant(L::Held, id), grant.held.0.into());
        self.expect(format!("reserved of grant {id}"), held, grant.held.0.into());
        if grant.state == CreditGrantState::Ended {
            self.expect(
                format!("remaining of ended grant {id}"),
                grant.held.0.into(),
                grant.remaining.0.into(),
            );
        }
    }

    /// What pending reservations hold, by where it comes from.
    async fn holds(&mut self, queries: &mut dyn Queries) -> Result<BTreeMap<Source, i128>> {
        let (mut holds, mut sum) = (BTreeMap::new(), 0);
        let mut after: Option<(Timestamp, String)> = None;
        loop {
            let start = after.as_ref().map(|(at, id)| (*at, id.as_str()));
            let batch = queries.pending_reservations(self.wallet.id, start, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = Some((last.expires_at, last.reservation_id.clone()));
            for reservation in batch {
                sum += i128::from(reservation.amount.0);
                for part in reservation.allocations {
                    *holds.entry(part.from).or_default() += i128::from(part.amount.0);
                }
            }
        }
        self.expect("pending reservations", self.total(L::Held), sum);
        Ok(holds)
    }

    fn balances(&mut self, (free, waiting): (i128, i128)) {
        let overdraft = -self.total(L::Overdraft);
        self.expect("held", self.total(L::Held), self.wallet.held.0.into());
        self.expect("overdraft", overdraft, self.wallet.overdraft.0.into());
        self.expect("waiting", waiting, self.wallet.waiting.0.into());
        self.expect("available", free - overdraft, self.wallet.available.0.into());
    }
}
