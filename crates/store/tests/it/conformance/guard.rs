use portcullis_store::{DeferredCharge, Page};

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    an_operation_is_read_back_in_its_newest_version,
    operations_are_listed_in_the_order_of_their_ids,
    a_policy_is_read_back_as_it_was_written,
    overrides_are_found_by_their_user,
    a_deferred_charge_of_one_key_waits_once_and_is_due_in_its_time,
];

async fn an_operation_is_read_back_in_its_newest_version(database: Database) {
    let store = database.store;
    let first = fixtures::operation("read_document", 1);
    assert!(!write!(store, update_operation(&first)));
    assert!(write!(store, insert_operation(&first)));
    assert!(!write!(store, insert_operation(&fixtures::operation("read_document", 7))));
    assert_eq!(read!(store, operation("read_document")), Some(first));
    let second = fixtures::operation("read_document", 2);
    assert!(write!(store, update_operation(&second)));
    assert_eq!(write!(store, operation_for_update("read_document")), Some(second));
    assert!(write!(store, delete_operation("read_document")));
    assert!(!write!(store, delete_operation("read_document")));
    assert_eq!(read!(store, operation("read_document")), None);
}

async fn operations_are_listed_in_the_order_of_their_ids(database: Database) {
    let store = database.store;
    for name in ["b", "a", "c"] {
        write!(store, insert_operation(&fixtures::operation(name, 1)));
    }
    let ids = async |page: Page| -> Vec<String> {
        read!(store, list_operations(&page)).into_iter().map(|one| one.operation_id).collect()
    };
    assert_eq!(ids(Page::first(2)).await, ["a", "b"]);
    assert_eq!(ids(Page::new(Some("b".to_owned()), None, 2)).await, ["c"]);
    assert_eq!(ids(Page::new(None, Some("DOCUMENT:R"), 9)).await, ["a", "b", "c"], "by the permission");
    assert!(ids(Page::new(None, Some("nothing"), 9)).await.is_empty());
}

async fn a_policy_is_read_back_as_it_was_written(database: Database) {
    let store = database.store;
    let policy = fixtures::policy("pol_1");
    assert!(!write!(store, update_policy(&policy)));
    assert!(write!(store, insert_policy(&policy)));
    assert!(!write!(store, insert_policy(&policy)));
    assert_eq!(read!(store, policy("pol_1")), Some(policy.clone()));
    assert_eq!(write!(store, policy_for_update("pol_1")), Some(policy.clone()));
    assert_eq!(read!(store, list_policies(&Page::new(None, Some("policy pol"), 9))), [policy]);
    assert!(write!(store, delete_policy("pol_1")));
    assert!(!write!(store, delete_policy("pol_1")));
}

async fn overrides_are_found_by_their_user(database: Database) {
    let store = database.store;
    let one = fixtures::user_override("ovr_2", "Authress:ServiceClients/alice");
    assert!(!write!(store, update_override(&one)));
    assert!(write!(store, insert_override(&one)));
    assert!(!write!(store, insert_override(&one)));
    let other = fixtures::user_override("ovr_1", "alice");
    write!(store, insert_override(&other));
    write!(store, insert_override(&fixtures::user_override("ovr_3", "bob")));
    assert_eq!(read!(store, overrides_of("alice", 9)), [other.clone(), one.clone()]);
    assert_eq!(read!(store, overrides_of("alice", 1)), [other]);
    let moved = fixtures::user_override("ovr_2", "bob");
    assert!(write!(store, update_override(&moved)));
    assert_eq!(read!(store, overrides_of("alice", 9)).len(), 1);
    assert_eq!(read!(store, override_of_id("ovr_2")), Some(moved.clone()));
    assert_eq!(write!(store, override_for_update("ovr_2")), Some(moved));
    assert_eq!(read!(store, list_overrides(&Page::new(None, Some("BOB"), 9))).len(), 2);
    assert!(write!(store, delete_override("ovr_2")));
    assert!(!write!(store, delete_override("ovr_2")));
}

async fn a_deferred_charge_of_one_key_waits_once_and_is_due_in_its_time(database: Database) {
    let store = database.store;
    let charge = fixtures::charge("dfc_1", "k");
    assert!(write!(store, insert_deferred_charge(&charge)));
    assert!(!write!(store, insert_deferred_charge(&fixtures::charge("dfc_2", "k"))));
    assert_eq!(read!(store, due_charges(NOW, 9)).first(), Some(&charge));
    assert!(read!(store, due_charges(NOW.plus_secs(-1), 9)).is_empty());
    let later = NOW.plus_secs(60);
    assert!(write!(store, put_off_charge("dfc_1", later)));
    assert!(read!(store, due_charges(NOW, 9)).is_empty());
    assert_eq!(read!(store, due_charges(later, 9)), [DeferredCharge { due_at: later, ..charge }]);
    assert!(write!(store, delete_deferred_charge("dfc_1")));
    assert!(
        !write!(store, delete_deferred_charge("dfc_1")) && !write!(store, put_off_charge("dfc_1", later))
    );
}
