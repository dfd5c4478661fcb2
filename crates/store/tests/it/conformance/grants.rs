use portcullis_domain::{Principal, PrincipalKind};
use portcullis_store::{GrantResource, GrantRole, Store};

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read};

on_both![
    grants_of_a_principal_are_sums_in_order,
    users_of_a_resource_are_direct_ones_and_members_without_duplicates,
    roles_on_a_resource_have_one_entry_a_granting_statement,
    explicit_access_is_exact_and_live,
    resources_and_roles_are_found_by_group_and_role,
    statements_on_a_resource_include_deleted_ones,
];

/// alice and a group (bob, alice) as reader on docs/1 and docs/2, twice; carol alone as writer on docs/1 in statement 1.
async fn world(store: &dyn Store) {
    let mut own = fixtures::statement(&["writer", "reader"], &["docs/1", "/"]);
    own.users = Some(vec![fixtures::user_ref("carol")]);
    let statements = vec![fixtures::statement(&["reader"], &["docs/2", "docs/1"]), own];
    let first = fixtures::record("rec_1", &["alice"], &["grp_1"], statements);
    let second = fixtures::simple("rec_2", &["alice"], "reader", "docs/1");
    let gone = fixtures::simple("rec_3", &["dave"], "reader", "docs/9");
    let mut transaction = store.begin().await.unwrap();
    let queries = transaction.queries();
    assert!(queries.insert_group(&fixtures::group("grp_1", &["bob", "alice"])).await.unwrap());
    for record in [first, second, gone] {
        assert!(queries.insert_record(&record).await.unwrap());
    }
    assert!(queries.delete_record("rec_3", NOW).await.unwrap());
    transaction.commit().await.unwrap();
}

async fn grants_of_a_principal_are_sums_in_order(database: Database) {
    let store = database.store;
    world(&*store).await;
    let resource = |record: &str, statement, uri: &str| GrantResource {
        record_id: record.into(),
        statement,
        uri: uri.into(),
        live: true,
    };
    let role = |record: &str, statement, role: &str| GrantRole {
        record_id: record.into(),
        statement,
        role_id: role.into(),
    };
    let alice = read!(store, principal_grants(PrincipalKind::User, "alice", false));
    let both =
        [resource("rec_1", 0, "docs/1"), resource("rec_1", 0, "docs/2"), resource("rec_2", 0, "docs/1")];
    assert_eq!(alice.resources, both);
    assert_eq!(alice.roles, [role("rec_1", 0, "reader"), role("rec_2", 0, "reader")]);
    let group = read!(store, principal_grants(PrincipalKind::Group, "grp_1", false));
    assert_eq!(group.resources, both[..2]);
    let carol = read!(store, principal_grants(PrincipalKind::User, "carol", false));
    assert_eq!(carol.resources, [resource("rec_1", 1, ""), resource("rec_1", 1, "docs/1")]);
    assert_eq!(carol.roles, [role("rec_1", 1, "reader"), role("rec_1", 1, "writer")]);
    assert!(read!(store, principal_grants(PrincipalKind::User, "grp_1", true)).resources.is_empty());
}

async fn users_of_a_resource_are_direct_ones_and_members_without_duplicates(database: Database) {
    let store = database.store;
    world(&*store).await;
    assert_eq!(read!(store, users_of_resource("docs/1", None, 9)), ["alice", "bob", "carol"]);
    assert_eq!(read!(store, users_of_resource("docs/1", None, 2)), ["alice", "bob"]);
    assert_eq!(read!(store, users_of_resource("docs/1", Some("bob"), 2)), ["carol"]);
    assert_eq!(read!(store, users_of_resource("", None, 9)), ["carol"]);
    for uri in ["docs", "docs/9", "docs/*"] {
        assert!(read!(store, users_of_resource(uri, None, 9)).is_empty(), "{uri}");
    }
}

async fn roles_on_a_resource_have_one_entry_a_granting_statement(database: Database) {
    let store = database.store;
    world(&*store).await;
    // alice has rec_1 twice (herself and by the group): one statement, one entry.
    assert_eq!(read!(store, roles_on("alice", "docs/1")), ["reader", "reader"]);
    assert_eq!(read!(store, roles_on("bob", "docs/1")), ["reader"]);
    assert_eq!(read!(store, roles_on("carol", "docs/1")), ["reader", "writer"]);
    assert!(read!(store, roles_on("dave", "docs/9")).is_empty());
    assert!(read!(store, roles_on("grp_1", "docs/1")).is_empty());
}

async fn explicit_access_is_exact_and_live(database: Database) {
    let store = database.store;
    world(&*store).await;
    for (uri, expected) in
        [("docs/1", true), ("", true), ("docs", false), ("docs/9", false), ("docs/1/x", false)]
    {
        assert_eq!(read!(store, has_explicit_access(uri)), expected, "{uri}");
    }
}

async fn resources_and_roles_are_found_by_group_and_role(database: Database) {
    let store = database.store;
    world(&*store).await;
    assert_eq!(read!(store, resources_of_role("reader", None, 9)), ["", "docs/1", "docs/2"]);
    assert_eq!(read!(store, resources_of_role("reader", Some(""), 1)), ["docs/1"]);
    assert_eq!(read!(store, resources_of_role("writer", Some("docs/1"), 9)), [""; 0]);
    assert_eq!(read!(store, resources_of_group("grp_1", None, 9)), ["docs/1", "docs/2"]);
    assert_eq!(read!(store, resources_of_group("grp_1", Some("docs/1"), 9)), ["docs/2"]);
    assert_eq!(read!(store, roles_of_group("grp_1")), ["reader"]);
    assert!(read!(store, roles_of_group("alice")).is_empty());
}

async fn statements_on_a_resource_include_deleted_ones(database: Database) {
    let store = database.store;
    world(&*store).await;
    let on = |uri: &'static str| {
        let store = store.clone();
        async move {
            let found = read!(store, statements_on(uri, 9));
            found.into_iter().map(|s| (s.record_id, s.statement, s.live)).collect::<Vec<_>>()
        }
    };
    assert_eq!(
        on("docs/1").await,
        [("rec_1".to_owned(), 0, true), ("rec_1".to_owned(), 1, true), ("rec_2".to_owned(), 0, true)]
    );
    assert_eq!(on("docs/9").await, [("rec_3".to_owned(), 0, false)]);
    assert_eq!(read!(store, statement_roles("rec_1", 1)), ["reader", "writer"]);
    let principals = read!(store, statement_principals("rec_1", 0, 9));
    assert_eq!(
        principals,
        [
            Principal { kind: PrincipalKind::Group, id: "grp_1".to_owned() },
            Principal { kind: PrincipalKind::User, id: "alice".to_owned() },
        ]
    );
    assert_eq!(read!(store, statement_principals("rec_1", 0, 1)).len(), 1);
}
