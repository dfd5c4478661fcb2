//! Random sequences of everything that can happen to a wallet, against a plain model of it ([`NaiveLedger`]), with a crash
//! at any step: just before the commit, or just after it, so that nobody hears of it.
//!
//! `PORTCULLIS_SEED` repeats a run. For every 125 of `PORTCULLIS_WORLDS` (2,000) there is a wallet: a world of grants is decided in
//! memory, these live on a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use portcullis::credits::ledger::{self, Reserve};
use portcullis::credits::{self, CreditError};
use portcullis::store::open;
use portcullis::{Error, PageRequest, Portcullis};
use portcullis_domain::credits::Terms;
use portcullis_types::credits::{
    CreditCategory, CreditGrantBody, CreditGrantState, CreditRefundBody, EntryKind, LateCommit,
    LedgerAccount, Settlement, Shortage,
};
use portcullis_types::{MicroCredits, Timestamp};

use crate::bed::{Bed, START, on_postgres, on_sqlite, options, settings};
use crate::faulty_store::{Fault, Faults, FaultyStore};
use crate::naive_ledger::{Grant, NEVER, NaiveLedger, Refusal, rank};

/// SplitMix64: the same seed, the same choices.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn amount(&mut self, bound: usize) -> i64 {
        i64::try_from(self.below(bound)).unwrap()
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

#[derive(Clone, Debug)]
enum Step {
    Give(CreditGrantBody),
    Reserve { amount: i64, ttl: i64, terms: Terms },
    Charge { amount: i64, terms: Terms },
    Commit { hold: usize, amount: Option<i64> },
    Release { hold: usize },
    Extend { hold: usize, ttl: i64 },
    Refund { hold: usize, amount: Option<i64> },
    Void { grant: usize },
    Sweep,
    Wait(i64),
    Restart,
}

/// What the program answered: what the model has to learn of it, and the whole, to compare with a second answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    /// The ids of what was made.
    ids: Vec<String>,
    whole: String,
}

#[derive(Debug)]
enum Outcome {
    Done(Answer),
    Refused(Refusal),
    /// Nobody knows.
    Lost,
}

struct World<'a> {
    bed: &'a Bed,
    account: String,
    faults: Faults,
    node: Portcullis,
    model: NaiveLedger,
    chance: Chance,
    steps: Vec<String>,
}

async fn start(bed: &Bed, faults: &Faults, name: &str, seed: u64) -> Portcullis {
    let store = FaultyStore { store: open(&bed.url, options()).await.unwrap(), faults: faults.clone() };
    Portcullis::start(Arc::new(store), settings(&bed.clock, name, seed)).await.unwrap()
}

fn at(seconds: i64) -> Timestamp {
    START.plus_secs(seconds)
}

fn outcome<T: std::fmt::Debug>(done: Result<T, Error>, ids: impl Fn(&T) -> Vec<String>) -> Outcome {
    match done {
        Ok(answer) => Outcome::Done(Answer { ids: ids(&answer), whole: format!("{answer:?}") }),
        Err(Error::CreditsInsufficient(_)) => Outcome::Refused(Refusal::Insufficient),
        Err(Error::ReservationClosed) => Outcome::Refused(Refusal::Closed),
        Err(Error::Invalid(_)) => Outcome::Refused(Refusal::Invalid),
        Err(Error::Conflict(_)) => Outcome::Refused(Refusal::Ended),
        Err(Error::Unavailable(_)) => Outcome::Lost,
        Err(other) => panic!("{other:?}"),
    }
}

/// What the ledger's own door answers, in the words of the other one.
fn managed<T>(done: Result<T, CreditError>) -> Result<T, Error> {
    done.map_err(|error| match error {
        CreditError::Insufficient(shortage) => Error::CreditsInsufficient(shortage),
        CreditError::Closed => Error::ReservationClosed,
        CreditError::Invalid(field) => Error::Invalid(field),
        CreditError::Failed(error) => error,
        other => panic!("{other:?}"),
    })
}

impl World<'_> {
    fn terms(&mut self) -> Terms {
        Terms {
            settlement: self.chance.of(&[
                Settlement::CreditOnly,
                Settlement::CreditOnly,
                Settlement::CreditThenInvoice,
            ]),
            overdraft_limit: MicroCredits(self.chance.of(&[0, 0, 20, 60])),
            late_commit: self.chance.of(&[LateCommit::Charge, LateCommit::Reject]),
            shortage: self.chance.of(&[Shortage::Cap, Shortage::Overdraft, Shortage::Overage]),
            price_version: None,
        }
    }

    fn gift(&mut self, number: usize) -> CreditGrantBody {
        let now = self.model.now;
        let begins = self.chance.of(&[0, 0, 0, 40, 200]);
        let ends = self.chance.of(&[0, 0, 30, 150, 700]);
        CreditGrantBody {
            amount: MicroCredits(1 + self.chance.amount(90)),
            // The order of the ids is not the order in which they are given.
            grant_id: Some(format!("{}-g{:02}", self.account, (number * 37) % 100)),
            priority: Some(self.chance.of(&[0, 50, 50, 90])),
            category: Some(self.chance.of(&[
                CreditCategory::Promotional,
                CreditCategory::Plan,
                CreditCategory::Refund,
                CreditCategory::Paid,
            ])),
            effective_at: (begins > 0).then(|| at(now + begins)),
            expires_at: (ends > 0).then(|| at(now + begins + ends)),
            ..CreditGrantBody::default()
        }
    }

    fn some_amount(&mut self, bound: usize) -> Option<i64> {
        (self.chance.below(3) > 0).then(|| self.chance.amount(bound))
    }

    fn choose(&mut self, number: usize) -> Step {
        let (holds, grants) = (self.model.holds.len(), self.model.grants.len());
        // Mostly one of the last: they are the ones that are still open.
        let hold = holds.saturating_sub(1 + self.chance.below(holds.min(6)));
        match self.chance.below(if holds == 0 { 36 } else { 100 }) {
            0..14 => Step::Give(self.gift(number)),
            14..30 => Step::Reserve {
                amount: self.chance.amount(70),
                ttl: self.chance.of(&[10, 60, 300]),
                terms: self.terms(),
            },
            30..33 => Step::Charge { amount: self.chance.amount(40), terms: self.terms() },
            33..36 => Step::Wait(self.chance.of(&[1, 9, 45, 120, 400])),
            36..60 => Step::Commit { hold, amount: self.some_amount(100) },
            60..70 => Step::Release { hold },
            70..75 => Step::Extend { hold, ttl: self.chance.of(&[5, 100, 86_400]) },
            75..84 => Step::Refund { hold, amount: self.some_amount(40) },
            84..88 if grants > 0 => Step::Void { grant: self.chance.below(grants) },
            88..90 => Step::Sweep,
            90..97 => Step::Wait(self.chance.of(&[1, 9, 45, 120, 400])),
            _ => Step::Restart,
        }
    }

    async fn ask(&self, step: &Step, key: &str) -> Outcome {
        let key = Some(key.to_owned());
        let request = |amount: i64, terms: &Terms, ttl| Reserve {
            account_id: self.account.clone(),
            amount: MicroCredits(amount),
            key: key.clone(),
            ttl_secs: Some(ttl),
            terms: terms.clone(),
            ..Reserve::default()
        };
        let id = |hold: &usize| self.model.holds[*hold].id.clone();
        let (node, owner) = (&self.node, &self.bed.owner);
        match step {
            Step::Give(body) => {
                let body = CreditGrantBody { idempotency_key: key, ..body.clone() };
                outcome(credits::grant(node, owner, &self.account, body).await, |one| {
                    vec![one.grant_id.clone()]
                })
            }
            Step::Reserve { amount, ttl, terms } => {
                outcome(managed(ledger::reserve(node, request(*amount, terms, *ttl)).await), |one| {
                    vec![one.reservation_id.clone()]
                })
            }
            Step::Charge { amount, terms } => {
                outcome(managed(ledger::charge(node, request(*amount, terms, 300)).await), |one| {
                    vec![one.reservation_id.clone()]
                })
            }
            Step::Commit { hold, amount } => {
                let amount = amount.map(MicroCredits);
                outcome(managed(ledger::commit(node, &id(hold), amount, key.as_deref()).await), |_| vec![])
            }
            Step::Release { hold } => outcome(managed(ledger::release(node, &id(hold)).await), |_| vec![]),
            Step::Extend { hold, ttl } => {
                outcome(managed(ledger::extend(node, &id(hold), Some(*ttl)).await), |_| vec![])
            }
            Step::Refund { hold, amount } => {
                let body = CreditRefundBody {
                    reservation_id: id(hold),
                    amount: amount.map(MicroCredits),
                    idempotency_key: key,
                };
                outcome(credits::refund(node, owner, body).await, |refund| {
                    refund.grants.iter().map(|grant| grant.grant_id.clone()).collect()
                })
            }
            Step::Void { grant } => {
                let id = &self.model.grants[*grant].id;
                outcome(credits::void_grant(node, owner, &self.account, id).await, |_| vec![])
            }
            Step::Sweep => match credits::sweep(node).await {
                Ok(_) => Outcome::Done(Answer { ids: vec![], whole: String::new() }),
                Err(_) => Outcome::Lost,
            },
            Step::Wait(_) | Step::Restart => unreachable!("nothing is asked"),
        }
    }

    /// Does the same to the model; `ids` are the names that the program has given.
    fn follow(&mut self, step: &Step, ids: &[String]) -> Result<(), Refusal> {
        let model = &mut self.model;
        match step {
            Step::Give(body) => {
                let seconds = |at: Timestamp| (at.micros() - START.micros()) / 1_000_000;
                model.give(Grant {
                    id: body.grant_id.clone().unwrap(),
                    free: body.amount.0,
                    held: 0,
                    priority: body.priority.unwrap(),
                    rank: rank(body.category.unwrap()),
                    begins: body.effective_at.map_or(model.now, seconds),
                    ends: body.expires_at.map_or(NEVER, seconds),
                    made: model.now,
                    begun: false,
                    ended: false,
                    voided: false,
                });
                Ok(())
            }
            Step::Reserve { amount, ttl, terms } => model.reserve(first(ids), *amount, *ttl, terms),
            Step::Charge { amount, terms } => model.charge(first(ids), *amount, terms),
            Step::Commit { hold, amount } => model.commit(*hold, *amount),
            Step::Release { hold } => model.release(*hold),
            Step::Extend { hold, ttl } => model.extend(*hold, *ttl),
            Step::Refund { hold, amount } => {
                let made = model.refund(*hold, *amount)?;
                assert_eq!(made.len(), ids.len(), "one new grant for each that had paid: {made:?}");
                for (id, grant) in ids.iter().zip(made) {
                    model.give_again(id, grant);
                }
                Ok(())
            }
            Step::Void { grant } => model.void(*grant),
            Step::Sweep | Step::Wait(_) | Step::Restart => Ok(()),
        }
    }

    async fn step(&mut self, number: usize) {
        let step = self.choose(number);
        self.steps.push(format!("{number} at {}: {step:?}", self.model.now));
        match step {
            Step::Wait(seconds) => {
                self.bed.clock.forward(seconds);
                self.model.wait(seconds);
            }
            Step::Restart => {
                let seed = self.chance.next();
                self.node = start(self.bed, &self.faults, "model", seed).await;
            }
            step => self.ask_and_follow(&step, number).await,
        }
    }

    /// Asks until there is an answer; gives up now and then when nothing landed.
    async fn ask_and_follow(&mut self, step: &Step, number: usize) {
        let key = format!("key-{number}");
        let fault = self.chance.of(&[Fault::None, Fault::None, Fault::None, Fault::Before, Fault::After]);
        self.steps.push(format!("  {fault:?}"));
        self.faults.next(fault);
        let mut answer = self.ask(step, &key).await;
        self.faults.next(Fault::None);
        if matches!(answer, Outcome::Lost) {
            if fault == Fault::Before {
                self.check().await;
                if self.chance.below(2) == 0 {
                    return;
                }
            }
            let lines = self.lines().await;
            answer = self.ask(step, &key).await;
            assert!(!matches!(answer, Outcome::Lost), "nothing is lost twice");
            if fault == Fault::After && !matches!(step, Step::Sweep) {
                assert_eq!(self.lines().await, lines, "what had landed moves nothing when it is asked again");
            }
        }
        match answer {
            Outcome::Done(answer) => {
                let followed = self.follow(step, &answer.ids);
                assert_eq!(followed, Ok(()), "the program did what the model refuses");
                self.ask_again(step, &key, &answer).await;
            }
            Outcome::Refused(refusal) => assert_eq!(self.follow(step, &[]), Err(refusal)),
            Outcome::Lost => unreachable!(),
        }
    }

    /// The same key with the same request is the same answer; with another one it is a conflict. Neither moves anything.
    async fn ask_again(&mut self, step: &Step, key: &str, answer: &Answer) {
        let keyed = matches!(
            step,
            Step::Give(_)
                | Step::Reserve { .. }
                | Step::Charge { .. }
                | Step::Commit { .. }
                | Step::Refund { .. }
        );
        if !keyed || self.chance.below(4) > 0 {
            return;
        }
        let lines = self.lines().await;
        match self.ask(step, key).await {
            Outcome::Done(again) => assert_eq!(again, *answer),
            other => panic!("{other:?}"),
        }
        let other = Reserve {
            account_id: self.account.clone(),
            amount: MicroCredits(1_234),
            key: Some(key.to_owned()),
            ..Reserve::default()
        };
        let refused = ledger::reserve(&self.node, other).await;
        assert!(matches!(refused, Err(CreditError::IdempotencyConflict)), "{refused:?}");
        assert_eq!(self.lines().await, lines);
    }

    /// How many lines the ledger has.
    async fn lines(&self) -> usize {
        let mut view = self.bed.store.read().await.unwrap();
        let wallets = view.queries().wallets(&self.account).await.unwrap();
        match wallets.first() {
            Some(wallet) => view.queries().entries_after(wallet.id, (0, 0), 10_000).await.unwrap().len(),
            None => 0,
        }
    }

    async fn check(&self) {
        let (node, owner) = (&self.node, &self.bed.owner);
        let balances = match credits::balance(node, owner, &self.account).await {
            Ok(account) => account.balances,
            Err(Error::NotFound(_)) => vec![],
            Err(other) => panic!("{other:?}"),
        };
        let found = balances.first().map_or((0, 0, 0, 0), |balance| {
            (balance.available.0, balance.held.0, balance.waiting.0, balance.overdraft.0)
        });
        let model = &self.model;
        let expected = (model.available(), model.held(), model.waiting(), model.lent());
        assert_eq!(found, expected, "available, held, waiting, overdraft");
        if balances.is_empty() {
            return;
        }
        self.check_grants_and_holds().await;
        self.check_lines().await;
        let found = credits::reconcile(node, owner).await.unwrap();
        assert_eq!(found.differences, [], "replay of the entries equals the balances");
    }

    async fn check_grants_and_holds(&self) {
        let mut found = BTreeMap::new();
        let mut page = PageRequest::first(100);
        loop {
            let listed =
                credits::grants(&self.node, &self.bed.owner, &self.account, None, page).await.unwrap();
            for grant in &listed.items {
                let state = (grant.state == CreditGrantState::Ended, grant.voided_at.is_some());
                let free = grant.remaining.0 - grant.held.0;
                found.insert(grant.grant_id.clone(), (free, grant.held.0, state));
            }
            match listed.next {
                Some(cursor) => page = PageRequest { cursor: Some(cursor), ..PageRequest::first(100) },
                None => break,
            }
        }
        let grants = self.model.grants.iter();
        let expected: BTreeMap<_, _> =
            grants.map(|one| (one.id.clone(), (one.free, one.held, (one.ended, one.voided)))).collect();
        assert_eq!(found, expected, "each grant: free, held, (ended, voided)");
        let mut view = self.bed.store.read().await.unwrap();
        for hold in &self.model.holds {
            let found = view.queries().reservation(&hold.id).await.unwrap().unwrap();
            let taken = found.committed.map(|taken| taken.0);
            assert_eq!(
                (found.state, taken, found.refunded.0),
                (hold.state, hold.taken(), hold.refunded),
                "{}",
                hold.id
            );
            assert_eq!((found.amount.0, found.expires_at), (hold.amount, at(hold.ends)), "{}", hold.id);
        }
    }

    /// Every transaction sums to zero, and no reservation is resolved twice.
    async fn check_lines(&self) {
        let mut view = self.bed.store.read().await.unwrap();
        let wallet = view.queries().wallets(&self.account).await.unwrap().remove(0);
        let lines = view.queries().entries_after(wallet.id, (0, -1), 10_000).await.unwrap();
        let (mut sums, mut held, mut resolved) = (BTreeMap::new(), 0, BTreeMap::new());
        for line in &lines {
            *sums.entry(line.transaction).or_insert(0) += line.delta.0;
            if line.ledger != LedgerAccount::Held {
                continue;
            }
            held += line.delta.0;
            if let (Some(id), EntryKind::Commit | EntryKind::Release | EntryKind::Lapse) =
                (&line.reservation_id, line.kind)
            {
                resolved.entry(id.clone()).or_insert_with(BTreeSet::new).insert(line.transaction);
            }
        }
        let wrong: Vec<_> = sums.iter().filter(|(_, sum)| **sum != 0).collect();
        assert!(wrong.is_empty(), "transactions that do not sum to zero: {wrong:?}");
        assert_eq!(held, self.model.held(), "what is held is the sum of what is pending");
        let twice: Vec<_> = resolved.iter().filter(|(_, transactions)| transactions.len() > 1).collect();
        assert!(twice.is_empty(), "resolved more than once: {twice:?}");
    }
}

fn first(ids: &[String]) -> &str {
    ids.first().map_or("", String::as_str)
}

/// Tells the steps of a world that fails.
struct Told<'a>(World<'a>, u64);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, {}:\n{}", self.1, self.0.account, self.0.steps.join("\n"));
        }
    }
}

async fn live_through(bed: &Bed, (seed, number): (u64, u64), steps: usize) {
    let faults = Faults::default();
    let mut chance = Chance(seed.wrapping_add(number));
    let node = start(bed, &faults, "model", chance.next()).await;
    let account = format!("org_{number}");
    let now = (bed.portcullis.now().micros() - START.micros()) / 1_000_000;
    let model = NaiveLedger { now, ..NaiveLedger::default() };
    let world = World { bed, account, faults, node, model, chance, steps: Vec::new() };
    let mut told = Told(world, seed);
    for number in 0..steps {
        told.0.step(number).await;
        told.0.check().await;
    }
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

fn seed() -> u64 {
    let seed = from_environment("PORTCULLIS_SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
    println!("PORTCULLIS_SEED={seed}");
    seed
}

fn wallets() -> u64 {
    from_environment("PORTCULLIS_WORLDS").unwrap_or(2_000).div_ceil(125)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_any_sequence_with_crashes_leaves_what_the_model_says() {
    let seed = seed();
    for number in 0..wallets() {
        on_sqlite(|url| async move { live_through(&Bed::on(url).await, (seed, number), 60).await }).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_any_sequence_with_crashes_leaves_what_the_model_says() {
    let seed = seed();
    let worlds = wallets().div_ceil(4);
    on_postgres(|url| async move {
        let bed = Bed::on(url).await;
        for number in 0..worlds {
            live_through(&bed, (seed, number), 40).await;
        }
    })
    .await;
}
