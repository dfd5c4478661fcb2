//! Loading many grants: `portcullis apply` into a database, then the first start and the first check.

use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, record_body, role_body};
use crate::measure::{Table, figure, seconds_of};
use crate::process::{self, Server};
use crate::walk::Walk;
use crate::world::{Chance, World};
use crate::{Effort, Result};

pub fn measure(effort: Effort) -> Result<()> {
    let world = World::of(if effort.smoke { 2_000 } else { 1_000_000 });
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("world.json");
    let data = folder.path().join("data");
    std::fs::write(&file, document(&world).to_string())?;
    Server::start(&data, None)?.stop()?;
    let mut command = Command::new(process::program()?);
    command.arg("apply").arg(&file).arg("--data-dir").arg(&data).stdout(std::process::Stdio::null());
    let (seconds, status) = seconds_of(|| command.status());
    if !status?.success() {
        return Err("portcullis apply failed".into());
    }
    let database: u64 =
        std::fs::read_dir(&data)?.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).sum();
    let server = Server::start(&data, None)?;
    let mut client = Client::owner(server.address, &data)?;
    let walk = Walk::load(&world);
    let user = world.users.len() - 1;
    let question = world.questions(1, &mut Chance(5), |_| user, |question| walk.allows(question)).remove(0);
    let request = client.check(&question);
    let (first, answer) = seconds_of(|| client.send(&request));
    let status = answer?.0;
    if status != 200 {
        return Err(format!("the loaded world answers {status}").into());
    }
    let mut table = Table::new(&[
        "grants",
        "apply, s",
        "grants a second",
        "data folder, MB",
        "start on it, ms",
        "first check, ms",
        "memory then, MB",
    ]);
    table.row(&[
        world.grants().to_string(),
        figure(seconds),
        figure(world.grants() as f64 / seconds),
        figure(database as f64 / f64::from(1 << 20)),
        figure(super::milliseconds(server.ready_after)),
        figure(first * 1e3),
        figure(server.memory()?),
    ]);
    println!("Loading a world into SQLite with `portcullis apply`, in one transaction:\n\n{table}");
    server.stop()
}

fn document(world: &World) -> Value {
    let mut members: Vec<Vec<Value>> = vec![Vec::new(); world.groups.len()];
    for user in &world.users {
        let [first, second] = user.groups;
        members[first].push(json!({ "userId": user.id }));
        if second != first {
            members[second].push(json!({ "userId": user.id }));
        }
    }
    let groups: Vec<Value> = world
        .groups
        .iter()
        .zip(members)
        .map(|(group, users)| json!({ "groupId": group.id, "name": group.id, "users": users, "admins": [] }))
        .collect();
    let of_groups = world.groups.iter().map(|group| {
        record_body(world, &group.id, &json!({ "groups": [{ "groupId": group.id }] }), &group.grants)
    });
    let of_users = world
        .users
        .iter()
        .map(|user| record_body(world, &user.id, &json!({ "users": [{ "userId": user.id }] }), &user.grants));
    let records: Vec<Value> = of_groups.chain(of_users).collect();
    let roles: Vec<Value> = world.roles.iter().map(role_body).collect();
    json!({ "roles": roles, "groups": groups, "records": records })
}
