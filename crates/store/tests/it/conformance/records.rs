use std::time::{Duration, Instant};

use portcullis_domain::PrincipalKind;
use portcullis_types::authress::RecordStatus;

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    a_record_is_read_back_as_it_was_written_with_its_size,
    a_deleted_record_grants_nothing_and_its_id_is_free,
    a_replaced_record_grants_only_what_it_says_now,
    a_big_record_is_written_in_few_statements,
];

async fn a_record_is_read_back_as_it_was_written_with_its_size(database: Database) {
    let store = database.store;
    let record = fixtures::simple("rec_1", &["alice", "alice"], "reader", "/docs/1/");
    assert!(!write!(store, replace_record(&record)));
    assert!(write!(store, insert_record(&record)));
    assert!(!write!(store, insert_record(&record)));
    let row = read!(store, record("rec_1")).unwrap();
    assert_eq!(row.record, record);
    assert_eq!(row.bytes, serde_json::to_string(&record).unwrap().len());
    assert_eq!(write!(store, record_for_update("rec_1")), Some(row));
    assert_eq!(read!(store, record("rec_2")), None);
}

async fn a_deleted_record_grants_nothing_and_its_id_is_free(database: Database) {
    let store = database.store;
    let record = fixtures::simple("rec_1", &["alice"], "reader", "docs/1");
    write!(store, insert_record(&record));
    let at = NOW.plus_secs(1);
    assert!(write!(store, delete_record("rec_1", at)));
    assert!(!write!(store, delete_record("rec_1", at)));
    let kept = read!(store, record("rec_1")).unwrap().record;
    assert_eq!((kept.status, kept.updated_at), (RecordStatus::Deleted, at));
    let live = read!(store, principal_grants(PrincipalKind::User, "alice", false));
    assert!(live.resources.is_empty() && live.roles.is_empty());
    let all = read!(store, principal_grants(PrincipalKind::User, "alice", true));
    assert_eq!((all.resources.len(), all.roles.len(), all.resources[0].live), (1, 1, false));

    assert!(write!(store, insert_record(&fixtures::simple("rec_1", &["bob"], "reader", "docs/2"))));
    assert!(read!(store, principal_grants(PrincipalKind::User, "alice", true)).resources.is_empty());
    assert_eq!(read!(store, principal_grants(PrincipalKind::User, "bob", false)).resources.len(), 1);
}

async fn a_replaced_record_grants_only_what_it_says_now(database: Database) {
    let store = database.store;
    write!(store, insert_record(&fixtures::simple("rec_1", &["alice"], "reader", "docs/1")));
    let mut changed = fixtures::simple("rec_1", &["bob"], "writer", "docs/2");
    changed.admins = vec![fixtures::user_ref("carol")];
    assert!(write!(store, replace_record(&changed)));
    assert!(read!(store, principal_grants(PrincipalKind::User, "alice", true)).resources.is_empty());
    let grants = read!(store, principal_grants(PrincipalKind::User, "bob", false));
    assert_eq!((grants.resources[0].uri.as_str(), grants.roles[0].role_id.as_str()), ("docs/2", "writer"));
    let page = portcullis_store::Page::first(9);
    assert!(read!(store, records_by_admin("boss", &page, None)).is_empty());
    assert_eq!(read!(store, records_by_admin("carol", &page, None)).len(), 1);

    changed.status = RecordStatus::Deleted;
    assert!(write!(store, replace_record(&changed)));
    assert!(read!(store, principal_grants(PrincipalKind::User, "bob", false)).resources.is_empty());
}

async fn a_big_record_is_written_in_few_statements(database: Database) {
    let store = database.store;
    let users: Vec<String> = (0..100).map(|n| format!("user{n:03}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let names: Vec<String> = (0..100).map(|n| format!("n{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let statements = (0..100).map(|_| fixtures::statement(&names, &names)).collect();
    let record = fixtures::record("rec_1", &users, &[], statements);
    let started = Instant::now();
    assert!(write!(store, insert_record(&record)));
    assert!(write!(store, replace_record(&record)));
    // 60,000 rows written twice; one statement a row would take minutes.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let grants = read!(store, principal_grants(PrincipalKind::User, "user042", false));
    assert_eq!((grants.resources.len(), grants.roles.len()), (10_000, 10_000));
    assert!(grants.resources.is_sorted() && grants.roles.is_sorted());
}
