//! A client that moves credits until the server is gone, and what has to be true of its wallet afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis_testkit::SeededRng;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::Bed;
use crate::writer::Server;

/// A call that moves credits, as it can be repeated: with its key, or on a reservation that is settled once.
#[derive(Clone, Debug)]
struct Movement {
    path: String,
    body: Value,
    /// To what is available, once it has landed.
    available: i64,
    /// To what is held, likewise.
    held: i64,
    answer: Option<Value>,
}

/// One client with a wallet of its own, so that it knows what must be in it.
pub(crate) struct Spender {
    account: String,
    rng: SeededRng,
    movements: Vec<Movement>,
    /// Pending reservations and what they hold.
    holds: BTreeMap<String, i64>,
}

impl Spender {
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let account = format!("org_kill-{name}");
        Self { account, rng: SeededRng::new(seed), movements: Vec::new(), holds: BTreeMap::new() }
    }

    /// How many movements were confirmed.
    pub(crate) fn confirmed(&self) -> usize {
        self.movements.iter().filter(|movement| movement.answer.is_some()).count()
    }

    /// What is available and held, by what was confirmed.
    fn sums(&self) -> (i64, i64) {
        let confirmed = self.movements.iter().filter(|movement| movement.answer.is_some());
        confirmed.fold((0, 0), |sums, one| (sums.0 + one.available, sums.1 + one.held))
    }

    /// Gives, holds, takes and gives back until a call gets no answer.
    pub(crate) async fn spend_until_the_end(mut self, server: Arc<Server>) -> Self {
        loop {
            let movement = self.choose();
            self.movements.push(movement);
            if !self.ask_last(&server).await {
                return self;
            }
        }
    }

    fn amount(&self, most: i64) -> i64 {
        i64::try_from(self.rng.below(u64::try_from(most).unwrap())).unwrap() + 1
    }

    fn choose(&self) -> Movement {
        let key = format!("key-{}", self.movements.len());
        let move_to = |path: String, body: Value, (available, held): (i64, i64)| Movement {
            path,
            body,
            available,
            held,
            answer: None,
        };
        let (available, _) = self.sums();
        let picked = self.rng.below(u64::try_from(self.holds.len().max(1)).unwrap());
        let picked = self.holds.iter().nth(usize::try_from(picked).unwrap());
        match (self.rng.below(8), picked) {
            (0 | 1, Some((id, held))) => {
                let path = format!("/v1/credits/reservations/{id}/release");
                move_to(path, json!({}), (*held, -held))
            }
            (2..=4, Some((id, held))) => {
                let taken = self.amount(*held);
                let path = format!("/v1/credits/reservations/{id}/commit");
                let body = json!({"amount": taken, "idempotencyKey": key});
                move_to(path, body, (held - taken, -held))
            }
            (5..=7, _) if available > 0 => {
                let amount = self.amount(available.min(50));
                let body = json!({"accountId": self.account, "amount": amount, "ttlSeconds": 86_400, "idempotencyKey": key});
                move_to("/v1/credits/reservations".to_owned(), body, (-amount, amount))
            }
            _ => {
                let amount = self.amount(100);
                let path = format!("/v1/credits/accounts/{}/grants", self.account);
                move_to(path, json!({"amount": amount, "idempotencyKey": key}), (amount, 0))
            }
        }
    }

    /// Makes the last movement; false without an answer.
    async fn ask_last(&mut self, server: &Server) -> bool {
        let movement = self.movements.last_mut().unwrap();
        let Ok((status, answer)) = server.send(Method::POST, &movement.path, Some(&movement.body)).await
        else {
            return false;
        };
        assert!(status.is_success(), "{movement:?}: {status} {answer}");
        movement.answer = Some(answer.clone());
        let id = answer["reservationId"].as_str().map(str::to_owned);
        match (id, answer["state"].as_str()) {
            (Some(id), Some("pending")) => {
                self.holds.insert(id, answer["amount"].as_i64().unwrap());
            }
            (Some(id), _) => {
                self.holds.remove(&id);
            }
            _ => {}
        }
        true
    }

    async fn balance(&self, server: &Server) -> (i64, i64) {
        let (status, answer) =
            server.send(Method::GET, &format!("/v1/credits/accounts/{}", self.account), None).await.unwrap();
        if status == StatusCode::NOT_FOUND {
            return (0, 0);
        }
        assert_eq!(status, StatusCode::OK, "{answer}");
        let number = |member: &str| answer["balances"][0][member].as_i64().unwrap();
        (number("available"), number("held"))
    }

    /// Whatever was confirmed is there, what was not answered happened whole or not at all, and every call that is made
    /// again gives the answer that it gave, and moves nothing.
    pub(crate) async fn verify(&mut self, server: &Server) {
        let sums = self.sums();
        let found = self.balance(server).await;
        if let Some(open) = self.movements.last().filter(|last| last.answer.is_none()).cloned() {
            let with_it = (sums.0 + open.available, sums.1 + open.held);
            assert!(
                found == sums || found == with_it,
                "{}: {found:?}, but {sums:?}, and {open:?}",
                self.account
            );
            assert!(self.ask_last(server).await, "the server answers");
        } else {
            assert_eq!(found, sums, "{}", self.account);
        }
        let sums = self.sums();
        assert_eq!(self.balance(server).await, sums, "{}: once, not twice", self.account);
        for movement in self.movements.iter().rev().take(20) {
            let (status, answer) =
                server.send(Method::POST, &movement.path, Some(&movement.body)).await.unwrap();
            assert!(status.is_success(), "{movement:?}: {status} {answer}");
            assert_eq!(Some(&answer), movement.answer.as_ref(), "{}", movement.path);
        }
        assert_eq!(self.balance(server).await, sums, "{}: asked again, nothing moves", self.account);
    }
}

/// The ledgers and the balances beside them say the same, and no line is missing. No server need run.
pub(crate) fn expect_reconciled(bed: &Bed) {
    let found = bed.run(&["credits", "reconcile", "--json"]).json();
    assert_eq!(found["differences"], json!([]), "{found}");
}
