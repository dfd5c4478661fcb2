//! What a wallet should do, written as plainly as can be: whole lists are walked, every instant is lived through in order,
//! and nothing is shared with the program but the names of its enums.

use portcullis_domain::credits::Terms;
use portcullis_types::credits::{CreditCategory, LateCommit, ReservationState, Settlement, Shortage};

#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) id: String,
    /// Neither used nor held; nothing once it has ended.
    pub(crate) free: i64,
    pub(crate) held: i64,
    pub(crate) priority: i64,
    pub(crate) rank: u8,
    pub(crate) begins: i64,
    pub(crate) ends: i64,
    pub(crate) made: i64,
    pub(crate) begun: bool,
    pub(crate) ended: bool,
    pub(crate) voided: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Grant(String),
    Lent,
    Invoiced,
}

#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) state: ReservationState,
    /// What is held while it is pending, what was taken once it is committed.
    pub(crate) parts: Vec<(From, i64)>,
    pub(crate) made: i64,
    pub(crate) ends: i64,
    pub(crate) terms: Terms,
    pub(crate) asked: Option<i64>,
    pub(crate) refunded: i64,
}

impl Hold {
    pub(crate) fn taken(&self) -> Option<i64> {
        (self.state == ReservationState::Committed).then(|| self.parts.iter().map(|part| part.1).sum())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Insufficient,
    Closed,
    Invalid,
    Ended,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct NaiveLedger {
    /// Seconds.
    pub(crate) now: i64,
    pub(crate) grants: Vec<Grant>,
    pub(crate) holds: Vec<Hold>,
    /// Lent and not held.
    pub(crate) owed: i64,
}

pub(crate) const NEVER: i64 = i64::MAX;

pub(crate) fn rank(category: CreditCategory) -> u8 {
    match category {
        CreditCategory::Promotional => 1,
        CreditCategory::Plan => 2,
        CreditCategory::Refund => 3,
        CreditCategory::Paid => 4,
    }
}

impl NaiveLedger {
    fn is_pending(hold: &Hold) -> bool {
        hold.state == ReservationState::Pending
    }

    fn pending_parts(&self) -> impl Iterator<Item = &(From, i64)> {
        self.holds.iter().filter(|hold| Self::is_pending(hold)).flat_map(|hold| &hold.parts)
    }

    pub(crate) fn free(&self) -> i64 {
        self.grants.iter().filter(|grant| grant.begun).map(|grant| grant.free).sum()
    }

    pub(crate) fn waiting(&self) -> i64 {
        self.grants.iter().filter(|grant| !grant.begun).map(|grant| grant.free).sum()
    }

    pub(crate) fn held(&self) -> i64 {
        self.pending_parts().map(|part| part.1).sum()
    }

    pub(crate) fn lent(&self) -> i64 {
        let held: i64 = self.pending_parts().filter(|part| part.0 == From::Lent).map(|part| part.1).sum();
        self.owed + held
    }

    pub(crate) fn available(&self) -> i64 {
        self.free() - self.lent()
    }

    /// Lives through every second at which something happens by itself.
    pub(crate) fn wait(&mut self, seconds: i64) {
        let end = self.now + seconds;
        loop {
            let turns = self.holds.iter().filter(|hold| Self::is_pending(hold)).map(|hold| hold.ends);
            let begins =
                self.grants.iter().filter(|grant| !grant.begun && !grant.ended).map(|grant| grant.begins);
            let ends = self.grants.iter().filter(|grant| grant.begun && !grant.ended).map(|grant| grant.ends);
            match turns.chain(begins).chain(ends).min() {
                Some(next) if next <= end => {
                    self.now = self.now.max(next);
                    self.settle_this_second();
                }
                _ => break,
            }
        }
        self.now = end;
    }

    fn settle_this_second(&mut self) {
        for n in 0..self.holds.len() {
            if Self::is_pending(&self.holds[n]) && self.holds[n].ends <= self.now {
                let parts = std::mem::take(&mut self.holds[n].parts);
                self.give_back(&parts);
                self.holds[n].state = ReservationState::Expired;
            }
        }
        let mut begin: Vec<usize> = (0..self.grants.len())
            .filter(|n| {
                !self.grants[*n].begun && !self.grants[*n].ended && self.grants[*n].begins <= self.now
            })
            .collect();
        begin.sort_by_key(|n| (self.grants[*n].begins, self.grants[*n].id.clone()));
        for n in begin {
            self.grants[n].begun = true;
            self.pay_what_is_owed(n);
        }
        for grant in self.grants.iter_mut().filter(|grant| grant.begun && grant.ends <= self.now) {
            grant.free = 0;
            grant.ended = true;
        }
    }

    fn pay_what_is_owed(&mut self, n: usize) {
        let paid = self.owed.min(self.grants[n].free);
        self.owed -= paid;
        self.grants[n].free -= paid;
        self.note_used_up();
    }

    fn note_used_up(&mut self) {
        for grant in &mut self.grants {
            grant.ended |= grant.free == 0 && grant.held == 0;
        }
    }

    fn grant_mut(&mut self, id: &str) -> &mut Grant {
        self.grants.iter_mut().find(|grant| grant.id == id).unwrap()
    }

    /// What was held and is not taken: ended grants do not keep it.
    fn give_back(&mut self, parts: &[(From, i64)]) {
        for (from, amount) in parts {
            if let From::Grant(id) = from {
                let grant = self.grant_mut(id);
                grant.held -= amount;
                grant.free += if grant.ended { 0 } else { *amount };
            }
        }
    }

    pub(crate) fn give(&mut self, grant: Grant) {
        self.grants.push(grant);
        let n = self.grants.len() - 1;
        if self.grants[n].begins <= self.now {
            self.grants[n].begun = true;
            self.pay_what_is_owed(n);
        }
        self.settle_this_second();
    }

    /// Takes from grants, one credit after the other as it were: each time from the one whose turn it is.
    fn draw(&mut self, amount: i64, rest: From) -> Vec<(From, i64)> {
        let (mut parts, mut missing) = (Vec::new(), amount);
        while missing > 0 {
            let live = self.grants.iter_mut().filter(|grant| grant.begun && !grant.ended && grant.free > 0);
            let turn = live
                .min_by_key(|grant| (grant.priority, grant.ends, grant.rank, grant.made, grant.id.clone()));
            let Some(grant) = turn else { break };
            let part = missing.min(grant.free);
            grant.free -= part;
            missing -= part;
            parts.push((From::Grant(grant.id.clone()), part));
        }
        if missing > 0 {
            parts.push((rest, missing));
        }
        parts
    }

    fn note_held(&mut self, parts: &[(From, i64)]) {
        for (from, amount) in parts {
            if let From::Grant(id) = from {
                self.grant_mut(id).held += amount;
            }
        }
    }

    /// What pays a new reservation. Of what is invoiced, grants pay first, but not what the wallet owes.
    fn draw_for_reserve(&mut self, amount: i64, terms: &Terms) -> Result<Vec<(From, i64)>, Refusal> {
        if terms.settlement == Settlement::CreditThenInvoice {
            return Ok(self.draw_and_invoice(amount));
        }
        if amount > 0 && self.available() + terms.overdraft_limit.0 < amount {
            return Err(Refusal::Insufficient);
        }
        Ok(self.draw(amount, From::Lent))
    }

    fn draw_and_invoice(&mut self, amount: i64) -> Vec<(From, i64)> {
        let covered = amount.min(self.available().max(0));
        let mut parts = self.draw(covered, From::Invoiced);
        if amount > covered {
            parts.push((From::Invoiced, amount - covered));
        }
        parts
    }

    pub(crate) fn reserve(&mut self, id: &str, amount: i64, ttl: i64, terms: &Terms) -> Result<(), Refusal> {
        let parts = self.draw_for_reserve(amount, terms)?;
        self.note_held(&parts);
        self.holds.push(Hold {
            id: id.to_owned(),
            amount,
            state: ReservationState::Pending,
            parts,
            made: self.now,
            ends: self.now + ttl,
            terms: terms.clone(),
            asked: None,
            refunded: 0,
        });
        Ok(())
    }

    pub(crate) fn charge(&mut self, id: &str, amount: i64, terms: &Terms) -> Result<(), Refusal> {
        self.reserve(id, amount, 300, terms)?;
        let n = self.holds.len() - 1;
        self.commit(n, None)
    }

    pub(crate) fn commit(&mut self, n: usize, actual: Option<i64>) -> Result<(), Refusal> {
        let hold = self.holds[n].clone();
        let asked = actual.unwrap_or(hold.amount);
        let mut taken = Vec::new();
        let late = match hold.state {
            ReservationState::Committed if hold.asked == Some(asked) => return Ok(()),
            ReservationState::Pending => false,
            ReservationState::Expired if hold.terms.late_commit == LateCommit::Charge => true,
            _ => return Err(Refusal::Closed),
        };
        let mut open = asked;
        self.holds[n].parts = Vec::new();
        self.holds[n].state = ReservationState::Committed;
        if !late {
            for (from, amount) in hold.parts {
                let part = amount.min(open);
                open -= part;
                if part > 0 {
                    taken.push((from.clone(), part));
                }
                match &from {
                    From::Grant(id) => self.grant_mut(id).held -= part,
                    From::Lent => self.owed += part,
                    From::Invoiced => {}
                }
                self.give_back(&[(from, amount - part)]);
            }
        }
        let limit = match (&hold.terms.settlement, &hold.terms.shortage) {
            (Settlement::CreditThenInvoice, _) | (_, Shortage::Overage) => None,
            (_, Shortage::Overdraft) => Some(hold.terms.overdraft_limit.0),
            (_, Shortage::Cap) => Some(if late { hold.terms.overdraft_limit.0 } else { 0 }),
        };
        let more = match limit {
            None => self.draw_and_invoice(open),
            Some(limit) => self.draw(open.min((self.available() + limit).max(0)), From::Lent),
        };
        self.owed += more.iter().filter(|part| part.0 == From::Lent).map(|part| part.1).sum::<i64>();
        taken.extend(more);
        self.note_used_up();
        self.holds[n].parts = taken;
        self.holds[n].asked = Some(asked);
        Ok(())
    }

    pub(crate) fn release(&mut self, n: usize) -> Result<(), Refusal> {
        match self.holds[n].state {
            ReservationState::Committed => Err(Refusal::Closed),
            ReservationState::Released | ReservationState::Expired => Ok(()),
            ReservationState::Pending => {
                let parts = std::mem::take(&mut self.holds[n].parts);
                self.give_back(&parts);
                self.holds[n].state = ReservationState::Released;
                Ok(())
            }
        }
    }

    pub(crate) fn extend(&mut self, n: usize, ttl: i64) -> Result<(), Refusal> {
        let now = self.now;
        let hold = &mut self.holds[n];
        if hold.state != ReservationState::Pending {
            return Err(Refusal::Closed);
        }
        if now + ttl > hold.made + 86_400 {
            return Err(Refusal::Invalid);
        }
        hold.ends = hold.ends.max(now + ttl);
        Ok(())
    }

    /// Gives back a part, the last taken first. Gives the grants to be made: amount, priority and end.
    pub(crate) fn refund(&mut self, n: usize, amount: Option<i64>) -> Result<Vec<(i64, i64, i64)>, Refusal> {
        if amount.is_some_and(|amount| amount < 1) {
            return Err(Refusal::Invalid);
        }
        let hold = self.holds[n].clone();
        let open = hold.taken().ok_or(Refusal::Closed)? - hold.refunded;
        let amount = amount.unwrap_or(open);
        if amount < 1 || amount > open {
            return Err(Refusal::Invalid);
        }
        self.holds[n].refunded += amount;
        let (mut skip, mut missing, mut made) = (hold.refunded, amount, Vec::new());
        for (from, part) in hold.parts.iter().rev() {
            let skipped = skip.min(*part);
            skip -= skipped;
            let here = missing.min(part - skipped);
            missing -= here;
            let forgiven = if *from == From::Lent { here.min(self.owed) } else { 0 };
            self.owed -= forgiven;
            if here > forgiven {
                match from {
                    From::Grant(id) => {
                        let grant = self.grant_mut(id);
                        made.push((here, grant.priority, grant.ends));
                    }
                    From::Lent => made.push((here - forgiven, 50, NEVER)),
                    From::Invoiced => {}
                }
            }
        }
        Ok(made)
    }

    /// A grant that a refund makes: it pays nothing that is owed.
    pub(crate) fn give_again(&mut self, id: &str, (amount, priority, ends): (i64, i64, i64)) {
        self.grants.push(Grant {
            id: id.to_owned(),
            free: amount,
            held: 0,
            priority,
            rank: rank(CreditCategory::Refund),
            begins: self.now,
            ends,
            made: self.now,
            begun: true,
            ended: false,
            voided: false,
        });
        self.settle_this_second();
    }

    pub(crate) fn void(&mut self, n: usize) -> Result<(), Refusal> {
        let grant = &mut self.grants[n];
        if grant.voided {
            return Ok(());
        }
        if grant.ended && grant.held == 0 {
            return Err(Refusal::Ended);
        }
        (grant.free, grant.ended, grant.voided) = (0, true, true);
        Ok(())
    }
}
