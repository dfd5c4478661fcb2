//! Holding credits and taking them, over HTTP, beside two bare transactions of the same writes.

use std::time::Instant;

use serde_json::json;
use tokio::runtime::Runtime;

use crate::client::Client;
use crate::databases::Fresh;
use crate::measure::{Samples, Table};
use crate::people::member;
use crate::process::{POSTGRES, Server};
use crate::server::bare_rows::{Bare, Statement, Value, bytes, number, text};
use crate::{Effort, Result};

/// Micro-credits of one request.
const PRICE: i64 = 1_000;

pub fn run(effort: Effort) -> Result<()> {
    println!("## Credits\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::new(&[
        "database",
        "reserve and commit over HTTP, ms",
        "two bare transactions, ms",
        "ours / bare",
    ]);
    let folder = tempfile::tempdir()?;
    let bare = runtime.block_on(Bare::sqlite(folder.path()))?;
    on(&runtime, "SQLite", None, bare, effort, &mut table)?;
    if std::env::var_os(POSTGRES).is_some() {
        let (ours, by_hand) = (Fresh::create("credits")?, Fresh::create("credits_bare")?);
        let bare = runtime.block_on(Bare::postgres(by_hand.url()))?;
        on(&runtime, "PostgreSQL", Some(ours.url()), bare, effort, &mut table)?;
    }
    println!("One after another on one wallet, milliseconds, median (min–max):\n\n{table}");
    Ok(())
}

fn on(
    runtime: &Runtime,
    name: &str,
    database: Option<&str>,
    mut bare: Bare,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path(), database)?;
    let mut client = Client::owner(server.address, folder.path())?;
    client.post("/v1/credits/accounts/bench/grants", &json!({ "amount": 1_000_000_000 }))?;
    runtime.block_on(bare.transact(&wallet()))?;
    let rounds = if effort.smoke { 3 } else { 200 };
    let (mut us, mut them, mut ratios) = <(Samples, Samples, Samples)>::default();
    for round in 0..rounds {
        let body = json!({ "accountId": "bench", "amount": PRICE, "idempotencyKey": format!("key{round}") });
        let start = Instant::now();
        let held = client.exchange(&client.posting("/v1/credits/reservations", &body))?;
        let path = format!("/v1/credits/reservations/{}/commit", member(&held, "reservationId")?);
        client.exchange(&client.posting(&path, &json!({ "idempotencyKey": format!("commit{round}") })))?;
        let ours = start.elapsed().as_secs_f64() * 1e3;
        let start = Instant::now();
        runtime.block_on(bare.transact(&reserve(round)))?;
        runtime.block_on(bare.transact(&commit(round)))?;
        let by_hand = start.elapsed().as_secs_f64() * 1e3;
        us.push(ours);
        them.push(by_hand);
        ratios.push(ours / by_hand);
    }
    table.row(&[name.to_owned(), us.to_string(), them.to_string(), ratios.to_string()]);
    server.stop()
}

fn same(sql: &'static str, values: Vec<Value>) -> Statement {
    (sql, sql, values)
}

fn wallet() -> Vec<Statement> {
    vec![
        same(
            "INSERT INTO pc_credit_account (account_id, currency, available, held, waiting, overdraft, overdraft_held, \
             overdraft_limit, txn, due_at, created_at) VALUES ('bench', 'CREDIT', 1000000000, 0, 0, 0, 0, 0, 1, $1, 0)",
            vec![number(i64::MAX)],
        ),
        same(
            "INSERT INTO pc_credit_grant (grant_id, wallet, amount, remaining, held, category, priority, effective_at, \
             expires_at, phase, created_at) VALUES ('g', 1, 1000000000, 1000000000, 0, 1, 50, 0, $1, 1, 0)",
            vec![number(i64::MAX)],
        ),
    ]
}

/// What moves when credits are held: two lines of the ledger, the grant, the wallet, the hold, the answer under its key.
fn reserve(round: usize) -> Vec<Statement> {
    let id = format!("rsv_{round:025}");
    let mut statements = vec![same(
        "INSERT INTO pc_credit_reservation (reservation_id, wallet, amount, state, allocations, terms, created_at, expires_at, \
         refunded) VALUES ($1, 1, $2, 0, '[]', '{}', 0, 300000000, 0)",
        vec![text(&id), number(PRICE)],
    )];
    statements.extend(moved(round, 2, PRICE));
    statements
}

fn commit(round: usize) -> Vec<Statement> {
    let id = format!("rsv_{round:025}");
    let mut statements = vec![same(
        "UPDATE pc_credit_reservation SET state = 1, committed = $2 WHERE reservation_id = $1",
        vec![text(&id), number(PRICE)],
    )];
    statements.extend(moved(round, 3, -PRICE));
    statements
}

fn moved(round: usize, step: i64, held: i64) -> Vec<Statement> {
    let transaction = round as i64 * 2 + step;
    let lines = json!([["a", -PRICE], ["b", PRICE]]).to_string();
    vec![
        same("UPDATE pc_credit_grant SET held = held + $1 WHERE grant_id = 'g'", vec![number(held)]),
        (
            "INSERT INTO pc_ledger_entry (wallet, txn, line, kind, ledger, delta, at) \
             SELECT 1, $1, e.key, 'bench', e.value ->> 0, e.value ->> 1, 0 FROM json_each($2) AS e",
            "INSERT INTO pc_ledger_entry (wallet, txn, line, kind, ledger, delta, at) \
             SELECT 1, $1::bigint, e.n, 'bench', e.v ->> 0, (e.v ->> 1)::bigint, 0 \
             FROM json_array_elements($2::json) WITH ORDINALITY AS e (v, n)",
            vec![number(transaction), text(&lines)],
        ),
        same(
            "UPDATE pc_credit_account SET held = held + $1, txn = $2 WHERE id = 1",
            vec![number(held), number(transaction)],
        ),
        same(
            "INSERT INTO pc_idempotency (wallet, key, request_hash, answer, at) VALUES (1, $1, $2, $1, 0)",
            vec![text(&format!("key{transaction}")), bytes(32)],
        ),
    ]
}
