use portcullis_store::Page;
use portcullis_types::authress::{RecordStatus, RequestStatus, ResourceAction};

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    pages_are_complete_in_the_order_of_bytes,
    a_filter_finds_any_case_of_any_letter,
    a_filter_takes_every_character_as_it_is,
    lists_of_records_and_requests_keep_to_a_status_and_a_person,
    groups_clients_and_configurations_are_paged_and_filtered,
];

fn page(after: Option<&str>, filter: Option<&str>, limit: u32) -> Page {
    Page::new(after.map(str::to_owned), filter, limit)
}

async fn pages_are_complete_in_the_order_of_bytes(database: Database) {
    let store = database.store;
    let ids = ["A", "B", "Z1", "a", "a-b", "a.b", "a:b", "aB", "a_b", "ab", "b"];
    for id in ids.iter().rev() {
        write!(store, insert_role(&fixtures::role(id, "n")));
    }
    let mut seen: Vec<String> = Vec::new();
    loop {
        let roles = read!(store, list_roles(&page(seen.last().map(String::as_str), None, 2)));
        let full = roles.len() == 2;
        seen.extend(roles.into_iter().map(|role| role.role_id));
        if !full {
            break;
        }
    }
    assert_eq!(seen, ids);
    assert!(read!(store, list_roles(&page(Some("zz"), None, 2))).is_empty());
    assert!(read!(store, list_roles(&page(Some("b\0"), None, 2))).is_empty());
}

async fn a_filter_finds_any_case_of_any_letter(database: Database) {
    let store = database.store;
    for (id, name) in
        [("u1", "René"), ("u2", "İstanbul"), ("u3", "ΟΔΟΣΑ"), ("u4", "STRASSE"), ("u5", "plain")]
    {
        write!(store, put_user(&fixtures::user(id, name)));
    }
    let cases = [
        ("RENÉ", "u1"),
        ("ené", "u1"),
        ("İSTAN", "u2"),
        ("i\u{307}stan", "u2"),
        ("οδος", "u3"),
        ("ΔΟΣ", "u3"),
        ("strasse", "u4"),
        ("U5@EXAMPLE", "u5"),
    ];
    for (filter, expected) in cases {
        let users = read!(store, list_users(&page(None, Some(filter), 9)));
        assert_eq!(
            users.iter().map(|user| user.user_id.as_str()).collect::<Vec<_>>(),
            [expected],
            "{filter}"
        );
    }
    assert_eq!(read!(store, list_users(&page(None, Some(""), 9))).len(), 5);
    assert_eq!(read!(store, list_users(&page(Some("u1"), Some("example.org"), 2))).len(), 2);
}

async fn a_filter_takes_every_character_as_it_is(database: Database) {
    let store = database.store;
    write!(store, put_user(&fixtures::user("u1", "100% _x_ a*b 'q' \\ \"d\"")));
    for filter in ["100%", "_x_", "a*b", "'q'", "\\", "\"d\""] {
        assert_eq!(read!(store, list_users(&page(None, Some(filter), 9))).len(), 1, "{filter}");
    }
    for filter in ["1%", "_q", "a?b", "a.b", "x\0"] {
        assert!(read!(store, list_users(&page(None, Some(filter), 9))).is_empty(), "{filter}");
    }
}

async fn lists_of_records_and_requests_keep_to_a_status_and_a_person(database: Database) {
    let store = database.store;
    for id in ["rec_1", "rec_2", "rec_3"] {
        write!(store, insert_record(&fixtures::simple(id, &["alice"], "reader", "docs/1")));
        let status = if id == "rec_2" { RequestStatus::Denied } else { RequestStatus::Open };
        write!(store, insert_request(&fixtures::request(id, "alice", status)));
    }
    write!(store, delete_record("rec_2", NOW));
    write!(store, insert_request(&fixtures::request("rec_4", "bob", RequestStatus::Open)));
    let mut other = fixtures::simple("rec_4", &["alice"], "writer", "docs/1");
    other.admins.clear();
    write!(store, insert_record(&other));

    for (status, all, of_boss) in [
        (None, vec!["rec_1", "rec_2", "rec_3", "rec_4"], vec!["rec_1", "rec_2", "rec_3"]),
        (Some(RecordStatus::Active), vec!["rec_1", "rec_3", "rec_4"], vec!["rec_1", "rec_3"]),
        (Some(RecordStatus::Deleted), vec!["rec_2"], vec!["rec_2"]),
    ] {
        let ids = |rows: Vec<portcullis_store::RecordRow>| -> Vec<String> {
            rows.into_iter().map(|row| row.record.record_id).collect()
        };
        assert_eq!(ids(read!(store, list_records(&Page::first(9), status))), all);
        assert_eq!(ids(read!(store, records_by_admin("boss", &Page::first(9), status))), of_boss);
        assert!(read!(store, records_by_admin("nobody", &Page::first(9), status)).is_empty());
    }
    assert_eq!(read!(store, list_records(&page(None, Some("WRITER"), 9), None)).len(), 1);
    assert_eq!(read!(store, list_records(&page(Some("rec_1"), None, 1), None)).len(), 1);

    let ids = |rows: Vec<portcullis_domain::StoredRequest>| -> Vec<String> {
        rows.into_iter().map(|request| request.request_id).collect()
    };
    let open = Some(RequestStatus::Open);
    assert_eq!(ids(read!(store, list_requests(&Page::first(9), open))), ["rec_1", "rec_3", "rec_4"]);
    assert_eq!(ids(read!(store, list_requests(&Page::first(2), None))), ["rec_1", "rec_2"]);
    assert_eq!(ids(read!(store, requests_by_creator("alice", &Page::first(9), open))), ["rec_1", "rec_3"]);
    assert_eq!(
        ids(read!(store, requests_by_creator("alice", &page(Some("rec_1"), None, 9), None))),
        ["rec_2", "rec_3"]
    );
}

async fn groups_clients_and_configurations_are_paged_and_filtered(database: Database) {
    let store = database.store;
    for id in ["grp_1", "grp_2"] {
        write!(store, insert_group(&fixtures::group(id, &["alice"])));
        write!(store, insert_client(&fixtures::client(id)));
        write!(store, put_resource_config(&fixtures::config(id, ResourceAction::Claim, true)));
    }
    let second = page(Some("grp_1"), Some("GRP_"), 9);
    assert_eq!(read!(store, list_groups(&second)), [fixtures::group("grp_2", &["alice"])]);
    assert_eq!(read!(store, groups_by_admin("boss", &second)), [fixtures::group("grp_2", &["alice"])]);
    assert!(read!(store, groups_by_admin("alice", &second)).is_empty());
    assert_eq!(read!(store, list_clients(&second)), [fixtures::client("grp_2")]);
    assert_eq!(read!(store, list_resource_configs(&second)).len(), 1);
    assert_eq!(read!(store, list_groups(&page(None, Some("blue"), 9))).len(), 2);
    assert!(read!(store, list_clients(&page(None, Some("blue"), 9))).is_empty());
}
