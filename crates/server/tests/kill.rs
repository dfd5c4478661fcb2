//! Servers killed in the middle of writes keep everything that they confirmed.
//!
//! Several clients write records, groups and roles, each its own, and note in a ledger what the server confirmed. At a random
//! moment the server is killed (SIGKILL). It is started again on the same data, and then:
//!
//! - whatever was confirmed is there with its content; what was deleted is gone;
//! - a write without an answer either happened whole or not at all;
//! - whoever registered can sign in, whoever refreshed goes on from there, and no session that ended is alive again;
//! - checks say what the records say;
//! - credits that others moved meanwhile are where they were confirmed to be, each movement once, and the ledger adds up;
//! - SQLite finds nothing wrong with its file.
//!
//! `PORTCULLIS_KILLS` is the number of rounds for each database (3), `PORTCULLIS_SEED` repeats a run's choices. For
//! PostgreSQL only our server is killed. `cargo xtask prove kills` runs many rounds.

#![cfg(test)]

#[path = "kill/ledger.rs"]
mod ledger;
#[path = "kill/people.rs"]
mod people;
#[path = "kill/spenders.rs"]
mod spenders;
mod support;
#[path = "kill/writer.rs"]
mod writer;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use ledger::{Entries, Ledger};
use people::{Door, Person};
use portcullis_testkit::SeededRng;
use spenders::{Spender, expect_reconciled};
use sqlx::{Connection, SqliteConnection};
use support::{Bed, Serving, block_on};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use writer::{ROLE, Server, Writer};

/// How many clients write at once.
const WRITERS: u64 = 4;
/// How many people come and go meanwhile.
const PEOPLE: u64 = 3;
/// How many move credits meanwhile.
const SPENDERS: u64 = 2;
/// The longest time that a server may live, from the first write on.
const LONGEST_MILLIS: u64 = 900;
/// How many of the things that earlier rounds wrote are looked at again in each round; after the last one, all.
const OLD_ONES: usize = 100;
/// How many of the people, the latest first.
const OLD_PEOPLE: usize = 12;
/// How many wallets are looked at again in each round, the newest first.
const OLD_SPENDERS: usize = 6;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

fn seed() -> u64 {
    number("PORTCULLIS_SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 32)
}

fn kills() -> u64 {
    number("PORTCULLIS_KILLS").unwrap_or(3)
}

#[test]
fn sqlite_keeps_what_was_confirmed() {
    keeps_what_was_confirmed(&Bed::sqlite());
}

#[test]
fn postgres_keeps_what_was_confirmed() {
    keeps_what_was_confirmed(&Bed::postgres());
}

fn keeps_what_was_confirmed(bed: &Bed) {
    let (seed, rounds) = (seed(), kills());
    println!("PORTCULLIS_SEED={seed} PORTCULLIS_KILLS={rounds}");
    let rng = SeededRng::new(seed);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut crowd = Crowd::default();
    let mut serving = open_to_people(bed);
    runtime.block_on(Server::new(&serving.url, &bed.access_key()).create_shared_role());
    for round in 1..=rounds {
        let patience = Duration::from_millis(rng.below(LONGEST_MILLIS));
        println!("round {round} of {rounds} (seed {seed}): killed after {patience:?}");
        let busy = Busy::start(round, bed, &serving, &rng, &runtime);
        std::thread::sleep(patience);
        serving.kill();
        busy.join(round, &mut crowd, &runtime);
        drop(serving);
        expect_reconciled(bed);

        serving = open_to_people(bed);
        let looked_at = runtime.block_on(crowd.verify_some(round, bed, &serving, &rng));
        println!("  {} things confirmed so far, {looked_at} looked at", crowd.ledger.confirmed());
        check_file(bed);
    }
    let server = Server::new(&serving.url, &bed.access_key());
    let all = crowd.ledger.all();
    runtime.block_on(crowd.ledger.verify(&server, all));
    runtime.block_on(server.expect_check("nobody", "kill/any", false));
    serving.stop();
    check_file(bed);
    expect_reconciled(bed);
    crowd.expect_something(seed);
}

/// Whoever asked a server for something, and what they were told.
#[derive(Default)]
struct Crowd {
    ledger: Ledger,
    people: Vec<Person>,
    spenders: Vec<Spender>,
}

impl Crowd {
    /// Looks at the latest people and spenders, and at a sample of everything else. Says how much that was.
    async fn verify_some(&mut self, round: u64, bed: &Bed, serving: &Serving, rng: &SeededRng) -> usize {
        let door = Door::new(&serving.url);
        for person in self.people.iter_mut().rev().take(OLD_PEOPLE) {
            person.verify(&door).await;
        }
        let server = Server::new(&serving.url, &bed.access_key());
        for spender in self.spenders.iter_mut().rev().take(OLD_SPENDERS) {
            spender.verify(&server).await;
        }
        let sample = self.ledger.to_verify(round, OLD_ONES, rng);
        self.ledger.verify(&server, sample).await
    }

    fn expect_something(&self, seed: u64) {
        let moved: usize = self.spenders.iter().map(Spender::confirmed).sum();
        println!("{moved} movements of credits confirmed in {} wallets", self.spenders.len());
        let answered: u64 = self.people.iter().map(|person| person.confirmed).sum();
        println!("{answered} answers to {} people", self.people.len());
        assert!(self.ledger.confirmed() > 0, "seed {seed}: nothing was written, so nothing was shown");
    }
}

/// What runs until the server is gone.
struct Busy {
    writers: Vec<JoinHandle<Entries>>,
    people: Vec<JoinHandle<Person>>,
    spenders: Vec<JoinHandle<Spender>>,
}

impl Busy {
    fn start(round: u64, bed: &Bed, serving: &Serving, rng: &SeededRng, runtime: &Runtime) -> Self {
        let server = Arc::new(Server::new(&serving.url, &bed.access_key()));
        let door = Arc::new(Door::new(&serving.url));
        let writer = |number| {
            let writer = Writer::new(Arc::clone(&server), format!("{round}-{number}"), rng.next_u64());
            runtime.spawn(writer.write_until_the_end())
        };
        let person = |number| {
            let person = Person::new(&format!("{round}-{number}"));
            runtime.spawn(person.come_and_go(Arc::clone(&door), SeededRng::new(rng.next_u64())))
        };
        let spender = |number| {
            let spender = Spender::new(&format!("{round}-{number}"), rng.next_u64());
            runtime.spawn(spender.spend_until_the_end(Arc::clone(&server)))
        };
        Self {
            writers: (0..WRITERS).map(writer).collect(),
            people: (0..PEOPLE).map(person).collect(),
            spenders: (0..SPENDERS).map(spender).collect(),
        }
    }

    fn join(self, round: u64, crowd: &mut Crowd, runtime: &Runtime) {
        for writer in self.writers {
            crowd.ledger.add(round, runtime.block_on(writer).unwrap());
        }
        crowd.people.extend(self.people.into_iter().map(|person| runtime.block_on(person).unwrap()));
        crowd.spenders.extend(self.spenders.into_iter().map(|spender| runtime.block_on(spender).unwrap()));
    }
}

/// A server where many may sign in from one address, and where the grace of refresh tokens outlasts a start.
fn open_to_people(bed: &Bed) -> Serving {
    let mut command = bed.serve_command();
    for (name, value) in [
        ("CREDENTIAL_RATE_PER_MINUTE", "0"),
        ("ARGON2_MEMORY_KIB", "1024"),
        ("ARGON2_ITERATIONS", "1"),
        ("SESSIONS_PER_USER", "1000"),
        ("REFRESH_GRACE_SECS", "60"),
    ] {
        command.env(format!("PORTCULLIS_{name}"), value);
    }
    Serving::start(command, &bed.folder.path().join("server.log")).unwrap()
}

/// A server that is killed while it starts for the first time can be started again, and its owner's key works.
#[test]
fn a_killed_first_start_loses_no_access_key() {
    let seed = seed();
    let rng = SeededRng::new(seed);
    println!("PORTCULLIS_SEED={seed}");
    for round in 1..=kills().max(2) {
        let bed = if round % 2 == 0 { Bed::postgres() } else { Bed::sqlite() };
        let patience = Duration::from_millis(rng.below(250));
        println!("round {round}: killed after {patience:?}");
        let mut first = Serving::spawn(bed.serve_command(), &bed.folder.path().join("first.log"));
        std::thread::sleep(patience);
        first.kill();
        let serving = bed.serve();
        let server = Server::new(&serving.url, &bed.access_key());
        block_on(server.create_shared_role());
        block_on(server.expect_role(ROLE));
        serving.stop();
        check_file(&bed);
    }
}

/// SQLite's own opinion of its file.
fn check_file(bed: &Bed) {
    if bed.postgres.is_some() {
        return;
    }
    let path = bed.data_dir().join("portcullis.db");
    block_on(async {
        let mut connection =
            SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
        let found: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await.unwrap();
        assert_eq!(found, ["ok"]);
        let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
        assert_eq!(dangling.len(), 0);
        connection.close().await.unwrap();
    });
}
