//! What does not read back is reported as what it is, with the id, and never brings the process down.

use portcullis_store::{Page, StoreError};

use crate::fixtures;
use crate::support::{Database, on_both, write};

on_both![a_body_that_is_not_the_entity_is_corrupt, a_state_that_nobody_knows_is_corrupt];

fn corrupt<T: std::fmt::Debug>(answer: portcullis_store::Result<T>, expected: &str) {
    match answer {
        Err(error @ StoreError::Corrupt { .. }) => {
            assert_eq!(error.to_string(), format!("stored {expected} is corrupt"));
            assert!(std::error::Error::source(&error).is_some() && !error.is_unavailable());
        }
        other => panic!("expected corrupt {expected}, got {other:?}"),
    }
}

async fn a_body_that_is_not_the_entity_is_corrupt(database: Database) {
    let store = database.store.clone();
    write!(store, insert_role(&fixtures::role("r1", "n")));
    write!(store, insert_record(&fixtures::simple("rec_1", &["alice"], "r1", "docs/1")));
    write!(store, insert_group(&fixtures::group("grp_1", &["alice"])));
    write!(store, insert_client(&fixtures::client("sc_1")));
    write!(store, put_user(&fixtures::user("alice", "A")));
    write!(store, insert_invite(&fixtures::invite("inv_1")));
    for table in ["role", "record", "group", "client", "user", "invite"] {
        database.execute(&format!("UPDATE pc_{table} SET body = '{{\"a\":'")).await;
    }
    let mut view = store.read().await.unwrap();
    let queries = view.queries();
    corrupt(queries.role("r1").await, "role r1");
    corrupt(queries.list_roles(&Page::first(9)).await, "role r1");
    corrupt(queries.record("rec_1").await, "record rec_1");
    corrupt(queries.group("grp_1").await, "group grp_1");
    corrupt(queries.client("sc_1").await, "service client sc_1");
    corrupt(queries.user("alice").await, "user alice");
    corrupt(queries.invite("inv_1").await, "invite of boss");
}

async fn a_state_that_nobody_knows_is_corrupt(database: Database) {
    let store = database.store.clone();
    write!(store, insert_record(&fixtures::simple("rec_1", &["alice"], "r1", "docs/1")));
    database.execute("UPDATE pc_record SET status = 'HALF'").await;
    database.execute("UPDATE pc_grant_resource SET statement = -1").await;
    let mut view = store.read().await.unwrap();
    corrupt(view.queries().record("rec_1").await, "record rec_1");
    corrupt(view.queries().statements_on("docs/1", 9).await, "statement of record rec_1");
}
