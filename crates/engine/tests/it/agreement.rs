//! What is in memory says the same as what is stored: after any writes, and while others write.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portcullis::{Cx, Portcullis, group, record, resource, role};
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::bed::{Bed, may, on_both};
use crate::make::{body, config_body, give, group_body, role as make_role, role_body, statement, users};

on_both!(
    memory_agrees_with_a_fresh_node_after_random_writes,
    after_a_write_returned_no_check_answers_by_the_old_state,
    a_crowd_of_writers_leaves_memory_and_storage_in_agreement,
);

/// The n-th choice of a sequence.
struct Choices(u64, u64);

impl Choices {
    fn below(&mut self, bound: u64) -> u64 {
        self.1 += 1;
        let mut hasher = DefaultHasher::new();
        (self.0, self.1).hash(&mut hasher);
        hasher.finish() % bound
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

const USERS: [&str; 4] = ["ann", "bob", "carl", "dora"];
const GROUPS: [&str; 2] = ["grp_1", "grp_2"];
const ROLES: [&str; 3] = ["r1", "r2", "r3"];
const RESOURCES: [&str; 6] = ["a", "a/b", "a/*", "*", "a/*/c", "d"];
const ACTIONS: [&str; 4] = ["x", "x:y", "z", "*"];
const ASKED: [&str; 5] = ["a", "a/b", "a/b/c", "d", "e"];

fn a_record(choices: &mut Choices, id: &str) -> Value {
    let mut one = statement(&[choices.of(&ROLES)], &[choices.of(&RESOURCES), choices.of(&RESOURCES)]);
    if choices.below(3) == 0 {
        one["users"] = users(&[choices.of(&USERS)]);
    }
    let two = statement(&[choices.of(&ROLES), choices.of(&ROLES)], &[choices.of(&RESOURCES)]);
    json!({"recordId": id, "name": id, "users": users(&[choices.of(&USERS)]), "groups": [{"groupId": choices.of(&GROUPS)}],
        "statements": [one, two]})
}

/// One write of any kind; whether it is refused (a thing exists, or does not) makes no difference.
async fn write(node: &Portcullis, owner: &Cx, choices: &mut Choices) {
    let id = format!("rec_{}", choices.below(4));
    match choices.below(10) {
        0 | 1 => drop(record::create(node, owner, body(a_record(choices, &id))).await),
        2 | 3 => drop(record::update(node, owner, &id, body(a_record(choices, &id)), None).await),
        4 => drop(record::delete(node, owner, &id).await),
        5 => {
            let id = choices.of(&GROUPS);
            let members = [choices.of(&USERS), choices.of(&USERS)];
            if group::create(node, owner, group_body(id, &members)).await.is_err() {
                drop(group::update(node, owner, id, group_body(id, &members), None).await);
            }
        }
        6 => drop(group::delete(node, owner, choices.of(&GROUPS)).await),
        7 => {
            let id = choices.of(&ROLES);
            let lines = [(choices.of(&ACTIONS), "a")];
            if role::create(node, owner, role_body(id, &lines)).await.is_err() {
                drop(role::update(node, owner, id, role_body(id, &lines)).await);
            }
        }
        8 => drop(role::delete(node, owner, choices.of(&ROLES)).await),
        _ => {
            let open = config_body("PUBLIC", choices.below(4) == 0);
            drop(resource::update(node, owner, choices.of(&["d", "a/b"]), open).await);
        }
    }
}

/// Every answer that there is.
async fn answers(node: &Portcullis) -> Vec<bool> {
    let mut answers = Vec::new();
    for user in USERS {
        for resource in ASKED {
            for action in ACTIONS {
                answers.push(may(node, user, action, resource).await);
            }
        }
    }
    answers
}

async fn memory_agrees_with_a_fresh_node_after_random_writes(bed: Bed) {
    let (here, there) = (&bed.portcullis, bed.node("b").await);
    let mut choices = Choices(42, 0);
    let (mut yes, mut no) = (0, 0);
    for step in 0..120 {
        let writer = if step % 3 == 0 { &there } else { here };
        write(writer, &bed.owner, &mut choices).await;
        if writer.node() == "b" {
            continue;
        }
        if step % 8 == 1 {
            // What the other node wrote before must have come here, too.
            tokio::time::sleep(Duration::from_millis(400)).await;
            let warm = answers(here).await;
            let cold = answers(&bed.node("fresh").await).await;
            assert_eq!(warm, cold, "after step {step}");
            assert_eq!(answers(&there).await, cold, "on the other node, after step {step}");
            yes += cold.iter().filter(|answer| **answer).count();
            no += cold.iter().filter(|answer| !**answer).count();
        } else {
            // Keeps memory warm between the writes.
            answers(here).await;
        }
    }
    assert!(yes > 50 && no > 50, "{yes} times yes, {no} times no: the writes say something");
}

/// A change that falls into the middle of a load: what was read before it is not kept after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_before_a_change_is_not_kept_after_it() {
    crate::bed::on_postgres(async |url| {
        let bed = Bed::on(url).await;
        make_role(&bed.portcullis, &bed.owner, "read", &[("read", "a")]).await;
        give(&bed.portcullis, &bed.owner, "rec", "alice", (&["read"], &["docs"])).await;
        // Holds the load between what alice is given and the roles of it.
        let mut other = sqlx::PgConnection::connect(&bed.url).await.unwrap();
        sqlx::raw_sql("BEGIN; LOCK TABLE pc_grant_role IN ACCESS EXCLUSIVE MODE")
            .execute(&mut other)
            .await
            .unwrap();
        let node = bed.portcullis.clone();
        let asking = tokio::spawn(async move { may(&node, "alice", "read", "docs").await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!asking.is_finished(), "the load waits");
        record::delete(&bed.portcullis, &bed.owner, "rec").await.unwrap();
        sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
        // Asked before the deletion, it may be answered either way; whoever asks now may not.
        asking.await.unwrap();
        assert!(!bed.may("alice", "read", "docs").await);
    })
    .await;
}

/// Readers ask all the time, a writer gives and takes; as soon as a write returned, the next check must know.
async fn after_a_write_returned_no_check_answers_by_the_old_state(bed: Bed) {
    let (node, owner) = (bed.portcullis.clone(), bed.owner.clone());
    make_role(&node, &owner, "read", &[("read", "a")]).await;
    group::create(&node, &owner, group_body("grp_1", &[])).await.unwrap();
    let to_group = json!({"recordId": "rec_g", "name": "n", "groups": [{"groupId": "grp_1"}], "statements": [statement(&["read"], &["g"])]});
    record::create(&node, &owner, body(to_group)).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (node, stop, asked) = (node.clone(), Arc::clone(&stop), Arc::clone(&asked));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    for resource in ["docs", "g", "p", "via"] {
                        may(&node, "alice", "read", resource).await;
                    }
                    asked.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    give(&node, &owner, "rec_via", "alice", (&["switch"], &["via"])).await;
    make_role(&node, &owner, "switch", &[]).await;
    let since = Instant::now();
    let mut rounds = 0;
    while since.elapsed() < Duration::from_secs(3) {
        for given in [true, false] {
            if given {
                give(&node, &owner, "rec", "alice", (&["read"], &["docs"])).await;
            } else {
                record::delete(&node, &owner, "rec").await.unwrap();
            }
            assert_eq!(may(&node, "alice", "read", "docs").await, given, "a record");
            let members: &[&str] = if given { &["alice"] } else { &[] };
            group::update(&node, &owner, "grp_1", group_body("grp_1", members), None).await.unwrap();
            assert_eq!(may(&node, "alice", "read", "g").await, given, "a group");
            resource::update(&node, &owner, "p", config_body("PUBLIC", given)).await.unwrap();
            assert_eq!(may(&node, "alice", "read", "p").await, given, "what is public");
            let lines: &[(&str, &str)] = if given { &[("read", "a")] } else { &[] };
            role::update(&node, &owner, "switch", role_body("switch", lines)).await.unwrap();
            assert_eq!(may(&node, "alice", "read", "via").await, given, "a role");
        }
        rounds += 1;
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    assert!(rounds > 3 && asked.load(Ordering::Relaxed) > 20, "{rounds} rounds");
}

async fn a_crowd_of_writers_leaves_memory_and_storage_in_agreement(bed: Bed) {
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    let tasks: Vec<_> = (0..6usize)
        .map(|number| {
            let (node, owner) = (nodes[number % 2].clone(), bed.owner.clone());
            tokio::spawn(async move {
                let mut choices = Choices(number as u64, 0);
                for _ in 0..25 {
                    write(&node, &owner, &mut choices).await;
                    may(&node, choices.of(&USERS), choices.of(&ACTIONS), choices.of(&ASKED)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(900)).await;
    let cold = answers(&bed.node("fresh").await).await;
    for node in &nodes {
        assert_eq!(answers(node).await, cold, "{}", node.node());
    }
}
