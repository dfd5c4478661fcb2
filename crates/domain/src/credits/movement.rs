use std::collections::BTreeMap;

use portcullis_types::MicroCredits;
use portcullis_types::credits::{CreditGrantState, EntryKind, LedgerAccount as L};

use super::{Allocation, Source, StoredGrant, Wallet};

/// A line of the ledger that is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account of the ledger.
    pub ledger: L,
    /// The grant that it comes from or goes to.
    pub grant_id: Option<String>,
    /// By how much the balance changes.
    pub delta: i64,
    /// The reservation.
    pub reservation_id: Option<String>,
}

/// What a transaction does to one grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrantChange {
    /// To what is left of it.
    pub remaining: i64,
    /// To what is held of it.
    pub held: i64,
    /// What comes back to it from holds (and is in `held` too): a grant that has ended does not keep it.
    pub back: i64,
    /// Whether it ends now.
    pub ends: bool,
}

/// What became of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantMoved {
    /// Which one.
    pub grant_id: String,
    /// Whether it had ended before.
    pub ended: bool,
    /// Whether it was voided.
    pub voided: bool,
}

/// One transaction of a wallet's ledger while it is put together: its lines, what it does to grants, and to the balances of
/// the wallet. Lines and balances are made in the same place, so that they cannot disagree.
#[derive(Clone, Debug)]
pub struct Movement {
    /// What it is.
    pub kind: EntryKind,
    entries: Vec<Entry>,
    grants: BTreeMap<String, GrantChange>,
    /// What comes back to grants: where it goes is known when the grants have been read.
    back: Vec<(String, i64, String)>,
}

impl Movement {
    /// One without lines.
    pub fn new(kind: EntryKind) -> Self {
        Self { kind, entries: Vec::new(), grants: BTreeMap::new(), back: Vec::new() }
    }

    /// Whether nothing moves.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.back.is_empty()
    }

    /// What is done to grants.
    pub fn grants(&self) -> &BTreeMap<String, GrantChange> {
        &self.grants
    }

    fn line(&mut self, ledger: L, grant_id: Option<&str>, delta: i64, reservation_id: Option<&str>) {
        self.entries.push(Entry {
            ledger,
            grant_id: grant_id.map(str::to_owned),
            delta,
            reservation_id: reservation_id.map(str::to_owned),
        });
    }

    /// From one account to another.
    fn pass(
        &mut self,
        amount: i64,
        (from, to): (L, L),
        grant_id: Option<&str>,
        reservation_id: Option<&str>,
    ) {
        self.line(from, grant_id, -amount, reservation_id);
        self.line(to, grant_id, amount, reservation_id);
    }

    fn grant(&mut self, grant_id: &str) -> &mut GrantChange {
        self.grants.entry(grant_id.to_owned()).or_default()
    }

    /// Gives a new grant to the wallet; the grant's own row is written with all of it.
    pub fn issue(&mut self, wallet: &mut Wallet, grant: &StoredGrant) {
        let (id, amount) = (grant.grant_id.as_str(), grant.amount.0);
        self.pass(amount, (L::Issued, L::Grant), Some(id), None);
        arrive(wallet, grant.state, amount);
    }

    /// Pays with a live grant what the wallet owes, except what reservations hold of it.
    pub fn settle(&mut self, wallet: &mut Wallet, grant_id: &str, free: i64) -> i64 {
        let owed = wallet.overdraft.0.saturating_sub(wallet.overdraft_held.0);
        let paid = owed.min(free).max(0);
        if paid > 0 {
            self.pass(paid, (L::Grant, L::Overdraft), Some(grant_id), None);
            self.grant(grant_id).remaining -= paid;
            // Less is free and less is owed: what is available stays.
            wallet.overdraft.0 -= paid;
        }
        paid
    }

    /// Ends a grant: what is free of it goes to `to`.
    pub fn end(&mut self, wallet: &mut Wallet, grant: &StoredGrant, to: L) {
        let free = grant.free();
        if free > 0 {
            self.pass(free, (L::Grant, to), Some(&grant.grant_id), None);
            arrive(wallet, grant.state, -free);
        }
        let change = self.grant(&grant.grant_id);
        change.remaining -= free;
        change.ends = true;
    }

    /// Holds `parts` for a reservation.
    pub fn hold(&mut self, wallet: &mut Wallet, parts: &[Allocation], reservation_id: &str) {
        for part in parts {
            let amount = part.amount.0;
            self.out_of(wallet, part, L::Held, reservation_id);
            wallet.held.0 += amount;
            match &part.from {
                Source::Grant(id) => self.grant(id).held += amount,
                Source::Overdraft => wallet.overdraft_held.0 += amount,
                Source::Overage => {}
            }
        }
    }

    /// Takes `parts` that nobody holds.
    pub fn spend(&mut self, wallet: &mut Wallet, parts: &[Allocation], reservation_id: &str) {
        for part in parts {
            self.out_of(wallet, part, L::Consumed, reservation_id);
            if let Source::Grant(id) = &part.from {
                self.grant(id).remaining -= part.amount.0;
            }
        }
    }

    fn out_of(&mut self, wallet: &mut Wallet, part: &Allocation, to: L, reservation_id: &str) {
        let amount = part.amount.0;
        let (from, grant_id) = match &part.from {
            Source::Grant(id) => (L::Grant, Some(id.as_str())),
            Source::Overdraft => (L::Overdraft, None),
            Source::Overage => (L::Overage, None),
        };
        self.pass(amount, (from, to), grant_id, Some(reservation_id));
        match from {
            L::Grant => wallet.available.0 -= amount,
            L::Overdraft => {
                wallet.available.0 -= amount;
                wallet.overdraft.0 += amount;
            }
            _ => {}
        }
    }

    /// Takes `parts` that a reservation holds.
    pub fn take(&mut self, wallet: &mut Wallet, parts: &[Allocation], reservation_id: &str) {
        for part in parts {
            let amount = part.amount.0;
            let grant_id = if let Source::Grant(id) = &part.from { Some(id.as_str()) } else { None };
            self.pass(amount, (L::Held, L::Consumed), grant_id, Some(reservation_id));
            wallet.held.0 -= amount;
            match &part.from {
                Source::Grant(id) => {
                    let change = self.grant(id);
                    change.remaining -= amount;
                    change.held -= amount;
                }
                Source::Overdraft => wallet.overdraft_held.0 -= amount,
                Source::Overage => {}
            }
        }
    }

    /// Gives back `parts` that a reservation holds.
    pub fn give_back(&mut self, wallet: &mut Wallet, parts: &[Allocation], reservation_id: &str) {
        for part in parts {
            let amount = part.amount.0;
            wallet.held.0 -= amount;
            match &part.from {
                Source::Grant(id) => {
                    let change = self.grant(id);
                    change.held -= amount;
                    change.back += amount;
                    self.back.push((id.clone(), amount, reservation_id.to_owned()));
                }
                Source::Overdraft => {
                    self.pass(amount, (L::Held, L::Overdraft), None, Some(reservation_id));
                    wallet.overdraft_held.0 -= amount;
                    wallet.overdraft.0 -= amount;
                    wallet.available.0 += amount;
                }
                Source::Overage => self.pass(amount, (L::Held, L::Overage), None, Some(reservation_id)),
            }
        }
    }

    /// Gives back what was taken: to `grant`, which is new, from what `grant_id` had paid.
    pub fn refund(
        &mut self,
        wallet: &mut Wallet,
        grant: &StoredGrant,
        paid_by: Option<&str>,
        reservation_id: &str,
    ) {
        self.line(L::Consumed, paid_by, -grant.amount.0, Some(reservation_id));
        self.line(L::Grant, Some(&grant.grant_id), grant.amount.0, Some(reservation_id));
        arrive(wallet, grant.state, grant.amount.0);
    }

    /// Gives back what was lent or noted as overage: less is owed.
    pub fn forgive(&mut self, wallet: &mut Wallet, from: &Source, amount: i64, reservation_id: &str) {
        let ledger = if *from == Source::Overdraft { L::Overdraft } else { L::Overage };
        self.pass(amount, (L::Consumed, ledger), None, Some(reservation_id));
        if *from == Source::Overdraft {
            wallet.overdraft.0 -= amount;
            wallet.available.0 += amount;
        }
    }

    /// All lines, once it is known what became of the grants: what came back to a grant that has ended goes on to where the
    /// grant's rest went.
    pub fn into_entries(mut self, wallet: &mut Wallet, moved: &[GrantMoved]) -> Vec<Entry> {
        for (grant_id, amount, reservation_id) in std::mem::take(&mut self.back) {
            let moved = moved.iter().find(|moved| moved.grant_id == grant_id);
            let to = match moved {
                Some(GrantMoved { voided: true, .. }) => L::Issued,
                Some(GrantMoved { ended: true, .. }) => L::Expired,
                _ => L::Grant,
            };
            self.pass(amount, (L::Held, to), Some(&grant_id), Some(&reservation_id));
            if to == L::Grant {
                wallet.available.0 += amount;
            }
        }
        self.entries
    }
}

fn arrive(wallet: &mut Wallet, state: CreditGrantState, amount: i64) {
    match state {
        CreditGrantState::Live => wallet.available = MicroCredits(wallet.available.0 + amount),
        CreditGrantState::Waiting => wallet.waiting = MicroCredits(wallet.waiting.0 + amount),
        CreditGrantState::Ended => {}
    }
}
