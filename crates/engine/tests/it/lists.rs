//! Lists: complete whatever else happens, filtered without regard to case, and strict about what they are asked.

use std::collections::BTreeSet;

use portcullis::access::{self, ResourcesQuery};
use portcullis::{Error, Listing, PageRequest, Result, client, group, record, request, resource, role, user};
use portcullis_types::authress::RecordStatus;
use serde_json::json;

use crate::bed::{Bed, on_both, user as whole};
use crate::make::{
    body, configure, give, group_body, record as record_body, role as make_role, role_body, statement, users,
};

on_both!(
    az_11_a_list_loses_and_doubles_nothing_while_others_write,
    az_11_a_list_holds_what_one_may_read_one_by_one,
    filters_find_substrings_without_regard_to_case,
    cursors_and_limits_out_of_bounds_are_refused,
    pages_of_any_size_hold_the_same,
);

async fn az_11_a_list_loses_and_doubles_nothing_while_others_write(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    for number in 0..40 {
        group::create(node, owner, group_body(&format!("grp_{:03}", number * 10), &[])).await.unwrap();
    }
    let (writer, cx) = (node.clone(), owner.clone());
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = stop.clone();
    // Others come and go between those that stay.
    let writing = tokio::spawn(async move {
        let mut number = 0;
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            number = (number + 37) % 400;
            let id = format!("grp_{:03}", number | 1);
            if group::create(&writer, &cx, group_body(&id, &[])).await.is_err() {
                group::delete(&writer, &cx, &id).await.unwrap();
            }
        }
    });
    for limit in [1, 3, 20] {
        let mut request = PageRequest::first(limit);
        let mut seen: Vec<String> = Vec::new();
        loop {
            let page = group::list(node, owner, request.clone()).await.unwrap();
            seen.extend(page.items.into_iter().map(|group| group.group_id));
            match page.next {
                Some(next) => request.cursor = Some(next),
                None => break,
            }
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "in order, nothing twice: {seen:?}");
        let stayed = (0..40).map(|number| format!("grp_{:03}", number * 10));
        let lost: Vec<String> = stayed.filter(|id| !seen.contains(id)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writing.await.unwrap();
}

async fn all<T>(page: impl AsyncFn(PageRequest) -> Result<Listing<T>>, limit: u32) -> Vec<T> {
    let mut request = PageRequest::first(limit);
    let mut seen = Vec::new();
    loop {
        let listing = page(request.clone()).await.unwrap();
        seen.extend(listing.items);
        match listing.next {
            Some(next) => request.cursor = Some(next),
            None => return seen,
        }
    }
}

/// Whatever way somebody may read a record, the list of records has it.
async fn az_11_a_list_holds_what_one_may_read_one_by_one(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "read", &[("read", "a")]).await;
    make_role(node, owner, "look", &[("READ", "a")]).await;
    for number in 0..12 {
        let admins = if number % 5 == 0 { users(&["dora"]) } else { users(&["x"]) };
        let made = json!({"recordId": format!("rec_{number:02}"), "name": "n", "users": users(&["x"]), "admins": admins,
            "statements": [statement(&["read"], &["docs"])]});
        record::create(node, owner, body(made)).await.unwrap();
    }
    record::delete(node, owner, "rec_04").await.unwrap();
    let of = |id: &str| format!("Authress:AccessRecords/{id}");
    group::create(node, owner, group_body("grp_1", &["gus", "dora"])).await.unwrap();
    let to_group = json!({"recordId": "zz_1", "name": "n", "groups": [{"groupId": "grp_1"}],
        "statements": [statement(&["look"], &[&of("rec_03"), &of("rec_04"), &of("rec_05")])]});
    record::create(node, owner, body(to_group)).await.unwrap();
    give(node, owner, "zz_2", "dora", (&["look"], &[&of("rec_07"), &of("missing")])).await;
    give(
        node,
        owner,
        "zz_3",
        "wilma",
        (&["look"], &["Authress:*/rec_02", "Authress:AccessRecords/rec_08/*"]),
    )
    .await;
    give(node, owner, "zz_4", "vera", (&["look"], &["Authress:*"])).await;
    configure(node, owner, "Authress:AccessRecords/rec_09", "PUBLIC", true).await;
    for who in ["dora", "gus", "wilma", "vera", "nobody"] {
        let cx = whole(who);
        let mut readable = BTreeSet::new();
        for row in all(async |page| record::list(node, owner, page, None).await, 20).await {
            if record::show(node, &cx, &row.record_id).await.is_ok() {
                readable.insert(row.record_id);
            }
        }
        for limit in [1, 2, 20] {
            let listed = all(async |page| record::list(node, &cx, page, None).await, limit).await;
            let listed: Vec<String> = listed.into_iter().map(|row| row.record_id).collect();
            assert!(
                listed.iter().eq(&readable),
                "{who} in pages of {limit}: {listed:?} instead of {readable:?}"
            );
        }
    }
    let deleted =
        record::list(node, &whole("gus"), PageRequest::first(20), Some(RecordStatus::Deleted)).await.unwrap();
    assert_eq!(deleted.items.len(), 1);
}

async fn filters_find_substrings_without_regard_to_case(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "Leser", &[("read", "a")]).await;
    make_role(node, owner, "look", &[("READ", "a")]).await;
    let made = json!({"recordId": "rec_1", "name": "Straße ΟΔΟΣ CAFÉ", "users": users(&["Alice"]),
        "statements": [statement(&["Leser"], &["Docs/Plan"])], "tags": {"Kind": "Äpfel"}});
    record::create(node, owner, body(made)).await.unwrap();
    record::create(node, owner, record_body("rec_2", "bob", &["Leser"], &["other"])).await.unwrap();
    // Somebody who sees two records, by a record whose own text does not get in the way.
    let aims = json!({"recordId": "aim", "name": "n", "groups": [{"groupId": "grp_rita"}], "statements": [
        statement(&["look"], &["Authress:AccessRecords/rec_1", "Authress:AccessRecords/rec_2"])]});
    record::create(node, owner, body(aims)).await.unwrap();
    group::create(node, owner, group_body("grp_rita", &["rita"])).await.unwrap();
    let find = async |cx, filter: &str| {
        let page = PageRequest { filter: Some(filter.to_owned()), ..PageRequest::first(20) };
        let found = record::list(node, cx, page, None).await.unwrap();
        let ids = found.items.into_iter().map(|row| row.record_id);
        ids.filter(|id| id != "aim").collect::<Vec<_>>()
    };
    let rita = whole("rita");
    for cx in [owner, &rita] {
        for filter in
            ["rec_1", "REC_1", "straße", "οδος", "ΟΔΟΣ", "café", "É", "ALICE", "docs/plan", "äpfel", "KIND"]
        {
            assert_eq!(find(cx, filter).await, ["rec_1"], "{filter} by {}", cx.name());
        }
        assert_eq!(find(cx, "leser").await, ["rec_1", "rec_2"]);
        for filter in ["%", "_1_", "rec_1\\", "'", "strasse"] {
            assert!(find(cx, filter).await.is_empty(), "{filter}");
        }
    }
    let roles =
        role::list(node, owner, PageRequest { filter: Some("LESER".into()), ..PageRequest::default() })
            .await
            .unwrap();
    assert_eq!(roles.items.len(), 1);
    let built_in =
        role::list(node, owner, PageRequest { filter: Some("owner".into()), ..PageRequest::default() })
            .await
            .unwrap();
    assert_eq!(built_in.items[0].role_id, "Authress:Owner");
}

async fn cursors_and_limits_out_of_bounds_are_refused(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    fn refused<T: std::fmt::Debug>(what: &str, field: &str, result: &Result<Listing<T>>) {
        assert!(matches!(result, Err(Error::Invalid(error)) if error.field == field), "{what}: {result:?}");
    }
    let long = "x".repeat(129);
    let bad = [
        ("limit", PageRequest { limit: Some(0), ..PageRequest::default() }),
        ("limit", PageRequest { limit: Some(101), ..PageRequest::default() }),
        ("cursor", PageRequest { cursor: Some("not base64!".into()), ..PageRequest::default() }),
        ("cursor", PageRequest { cursor: Some("_w".into()), ..PageRequest::default() }),
        ("cursor", PageRequest { cursor: Some("AA".into()), ..PageRequest::default() }),
        ("cursor", PageRequest { cursor: Some("YQ==".into()), ..PageRequest::default() }),
        ("filter", PageRequest { filter: Some(long), ..PageRequest::default() }),
        ("filter", PageRequest { filter: Some("\0".into()), ..PageRequest::default() }),
    ];
    for (field, page) in bad {
        refused("records", field, &record::list(node, owner, page.clone(), None).await);
        refused("groups", field, &group::list(node, owner, page.clone()).await);
        refused("roles", field, &role::list(node, owner, page.clone()).await);
        refused("clients", field, &client::list(node, owner, page.clone()).await);
        refused("users", field, &user::list(node, owner, page.clone()).await);
        refused("requests", field, &request::list(node, owner, page.clone(), None).await);
        refused("configurations", field, &resource::list(node, owner, page.clone()).await);
        if field != "filter" {
            refused("a resource's users", field, &access::users(node, owner, "docs", page.clone()).await);
            refused(
                "resources",
                field,
                &access::resources(node, owner, "x", ResourcesQuery::default(), page).await,
            );
        }
    }
    refused("21 of 20", "limit", &group::list(node, owner, PageRequest::first(21)).await);
    // A cursor of another list, or of nothing, is a place in the order like any other.
    let page = PageRequest { cursor: Some("enp6".into()), ..PageRequest::default() };
    assert!(group::list(node, owner, page).await.unwrap().items.is_empty());
}

async fn pages_of_any_size_hold_the_same(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    for number in 0..23 {
        role::create(node, owner, role_body(&format!("role{number}"), &[])).await.unwrap();
        user::create(node, owner, body(json!({"userId": format!("u{number}|x@y")}))).await.unwrap();
        client::create(node, owner, body(json!({}))).await.unwrap();
        configure(node, owner, &format!("res/{number}"), "CLAIM", true).await;
        let asked = json!({"access": {"users": users(&["x"]), "statements": [statement(&["r"], &["a"])]}});
        request::create(node, owner, body(asked)).await.unwrap();
    }
    configure(node, owner, "/", "CLAIM", false).await;
    let mut counts = Vec::new();
    for limit in [1, 7, 20] {
        let roles = all(async |page| role::list(node, owner, page).await, limit).await;
        let ids: Vec<_> = roles.iter().map(|role| role.role_id.clone()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        let users = all(async |page| user::list(node, owner, page).await, limit).await.len();
        let clients = all(async |page| client::list(node, owner, page).await, limit).await.len();
        let configs = all(async |page| resource::list(node, owner, page).await, limit).await.len();
        let requests = all(async |page| request::list(node, owner, page, None).await, limit).await.len();
        counts.push([roles.len(), users, clients, configs, requests]);
    }
    let built_in = portcullis_domain::built_in_roles().len();
    assert_eq!(counts, [[23 + built_in, 23, 24, 24, 23]; 3]);
}
