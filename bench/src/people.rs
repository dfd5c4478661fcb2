//! Signing in and refreshing beside the cost of their cryptography alone, and what a flood of logins costs checks.

use std::time::Instant;

use argon2::{Algorithm, Argon2, Params, Version};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::Client;
use crate::measure::{Samples, Table};
use crate::process::{POSTGRES, Server};
use crate::world::{Chance, World};
use crate::{Effort, Result, databases, flood};

/// What the server's passwords cost unless it is told otherwise.
const MEMORY_KIB: u32 = 19_456;
const ITERATIONS: u32 = 2;
const PARALLELISM: u32 = 1;
/// People who sign in.
const PEOPLE: usize = 24;

pub fn run(effort: Effort) -> Result<()> {
    println!("## Signing in\n");
    let mut table =
        Table::new(&["database", "", "over HTTP, ms", "its cryptography alone, ms", "ours / alone"]);
    let folder = tempfile::tempdir()?;
    let server = Server::start_open(folder.path(), None)?;
    sign_in("SQLite", &server, folder.path(), effort, &mut table)?;
    if std::env::var_os(POSTGRES).is_some() {
        let database = databases::Fresh::create("people")?;
        let other = tempfile::tempdir()?;
        let server = Server::start_open(other.path(), Some(database.url()))?;
        sign_in("PostgreSQL", &server, other.path(), effort, &mut table)?;
        server.stop()?;
    }
    println!("One after another, milliseconds, median (min–max):\n\n{table}");
    under_flood(&server, folder.path(), effort)?;
    server.stop()
}

fn email(person: usize) -> String {
    format!("person{person}@bench.example")
}

fn password(person: usize) -> String {
    format!("violet tractor {person} under glass")
}

fn sign_in(
    name: &str,
    server: &Server,
    data_dir: &std::path::Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let mut client = Client::owner(server.address, data_dir)?;
    for person in 0..PEOPLE {
        client.exchange(&client.anonymous_post(
            "/v1/auth/register",
            &json!({ "email": email(person), "password": password(person) }),
        ))?;
    }
    let rounds = if effort.smoke { 3 } else { 40 };
    let alone = Alone::new()?;
    let (mut logins, mut hashing, mut login_ratios) = <(Samples, Samples, Samples)>::default();
    let (mut refreshes, mut signing, mut refresh_ratios) = <(Samples, Samples, Samples)>::default();
    for round in 0..rounds {
        let login = flood::login(&client, &email(round % PEOPLE), &password(round % PEOPLE));
        let (ours, answer) = timed(|| client.exchange(&login))?;
        let (by_hand, ()) = timed(|| alone.log_in(&password(round % PEOPLE)))?;
        logins.push(ours);
        hashing.push(by_hand);
        login_ratios.push(ours / by_hand);
        let token = member(&answer, "refresh_token")?.to_owned();
        let refresh = client.anonymous_post("/v1/auth/refresh", &json!({ "refresh_token": token }));
        let (ours, _) = timed(|| client.exchange(&refresh))?;
        let (by_hand, ()) = timed(|| alone.refresh(&token))?;
        refreshes.push(ours);
        signing.push(by_hand);
        refresh_ratios.push(ours / by_hand);
    }
    let row = |what: &str, ours: &Samples, alone: &Samples, ratio: &Samples| {
        [name.to_owned(), what.to_owned(), ours.to_string(), alone.to_string(), ratio.to_string()]
    };
    table.row(&row("login", &logins, &hashing, &login_ratios));
    table.row(&row("refresh", &refreshes, &signing, &refresh_ratios));
    Ok(())
}

/// The milliseconds of `work`.
fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let start = Instant::now();
    let done = work()?;
    Ok((start.elapsed().as_secs_f64() * 1e3, done))
}

/// What cannot be left out: a password's hash, digests of opaque tokens, a signature.
struct Alone {
    argon2: Argon2<'static>,
    key: SigningKey,
}

impl Alone {
    fn new() -> Result<Self> {
        let params =
            Params::new(MEMORY_KIB, ITERATIONS, PARALLELISM, Some(32)).map_err(|error| error.to_string())?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(Self { argon2, key: SigningKey::from_bytes(&[7; 32]) })
    }

    fn log_in(&self, password: &str) -> Result<()> {
        let mut hash = [0; 32];
        let done = self.argon2.hash_password_into(password.as_bytes(), &[7; 16], &mut hash);
        done.map_err(|error| error.to_string())?;
        self.refresh(password)
    }

    /// The digest of the token that was presented, that of its successor, and the signature of an access token.
    fn refresh(&self, token: &str) -> Result<()> {
        let digest = Sha256::digest(token);
        let successor = Sha256::digest(digest);
        let claims = [0u8; 400];
        std::hint::black_box((successor, self.key.sign(&claims)));
        Ok(())
    }
}

fn under_flood(server: &Server, data_dir: &std::path::Path, effort: Effort) -> Result<()> {
    let world = World::of(200);
    let mut client = Client::owner(server.address, data_dir)?;
    client.write(&world)?;
    let walk = crate::walk::Walk::load(&world);
    let questions = world.questions(
        1_000,
        &mut Chance(3),
        |chance| chance.place(world.users.len()),
        |question| walk.allows(question),
    );
    let checks: Vec<Vec<u8>> = questions
        .iter()
        .filter(|question| walk.allows(question))
        .map(|question| client.check(question))
        .collect();
    let logins: Vec<Vec<u8>> =
        (0..PEOPLE).map(|person| flood::login(&client, &email(person), &password(person))).collect();
    crate::load::run(server.address, &checks, 4, std::time::Duration::from_millis(300), &[200])?;
    flood::measure(server, &checks, &logins, effort)
}

/// What a JSON answer says.
pub fn member<'a>(answer: &'a Value, name: &str) -> Result<&'a str> {
    answer[name].as_str().ok_or_else(|| format!("no {name} in {answer}").into())
}
