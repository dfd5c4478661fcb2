//! Writing a record over HTTP, beside one bare transaction of the same rows.

use std::time::Instant;

use serde_json::json;
use tokio::runtime::Runtime;

use super::bare_rows::Bare;
use crate::client::{Client, record_body, role_body};
use crate::databases::Fresh;
use crate::measure::{Samples, Table};
use crate::process::{POSTGRES, Server};
use crate::world::{Grant, World};
use crate::{Effort, Result};

pub fn measure(effort: Effort) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut table =
        Table::new(&["database", "statements", "over HTTP, ms", "bare transaction, ms", "ours / bare"]);
    let folder = tempfile::tempdir()?;
    let bare = runtime.block_on(Bare::sqlite(folder.path()))?;
    on(&runtime, "SQLite", None, bare, effort, &mut table)?;
    if std::env::var_os(POSTGRES).is_some() {
        let (ours, by_hand) = (Fresh::create("ours")?, Fresh::create("bare")?);
        let bare = runtime.block_on(Bare::postgres(by_hand.url()))?;
        on(&runtime, "PostgreSQL", Some(ours.url()), bare, effort, &mut table)?;
    }
    println!("Writing a record, one after another, milliseconds, median (min–max):\n\n{table}");
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
    let world = World::of(2_000);
    for role in &world.roles {
        client.post("/v1/roles", &role_body(role))?;
    }
    let rounds = if effort.smoke { 3 } else { 60 };
    for statements in [1, 10, 100] {
        let (mut us, mut them, mut ratios) = (Samples::default(), Samples::default(), Samples::default());
        for round in 0..rounds {
            let id = format!("rec_{statements}_{round}");
            let user = format!("writer_{round}");
            let grants = some_grants(&world, round, statements);
            let principals = json!({ "users": [{ "userId": user }] });
            let body = record_body(&world, &id, &principals, &grants);
            let named: Vec<(&Grant, &str)> =
                grants.iter().map(|grant| (grant, world.roles[grant.role].id.as_str())).collect();
            let text = body.to_string();
            let start = Instant::now();
            client.post("/v1/records", &body)?;
            let ours = start.elapsed().as_secs_f64() * 1e3;
            let start = Instant::now();
            runtime.block_on(bare.write(&id, &user, &named, &text))?;
            let by_hand = start.elapsed().as_secs_f64() * 1e3;
            us.push(ours);
            them.push(by_hand);
            ratios.push(ours / by_hand);
        }
        table.row(&[
            name.to_owned(),
            statements.to_string(),
            us.to_string(),
            them.to_string(),
            ratios.to_string(),
        ]);
    }
    server.stop()
}

/// So many grants of the world, others in each round, none twice.
fn some_grants(world: &World, round: usize, count: usize) -> Vec<Grant> {
    let all = world.users.iter().flat_map(|user| &user.grants).cycle().skip(round * 7).take(count);
    all.enumerate()
        .map(|(index, grant)| Grant { path: format!("{}/v{index}", grant.path), role: grant.role })
        .collect()
}
