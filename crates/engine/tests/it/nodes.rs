//! AZ-04 and AZ-05: when a change counts, here and on other nodes, and what is answered when storage does not.

use std::time::Duration;

use portcullis::access::{self, Question};
use portcullis::{Cx, Error, Portcullis, client, group, record, resource, role};
use portcullis_types::AuthError;
use serde_json::json;
use sqlx::Connection as _;

use crate::bed::{Bed, URL, may, on_both, sender, user, within_a_second};
use crate::make::{
    body, config_body, configure, give, group as make_group, group_body, group_record, record as record_body,
    role as make_role, role_body,
};

on_both!(
    az_04_every_kind_of_change_counts_at_once_here_and_within_a_second_there,
    az_04_options_of_a_client_count_at_once_although_it_is_remembered,
    az_05_a_storage_that_does_not_answer_is_an_error_and_never_an_answer,
    az_05_what_was_closed_answers_nothing_from_memory,
);

/// Asks on both nodes until the other one knows, after this one knew at once.
async fn counts(here: &Portcullis, there: &Portcullis, what: &str, expected: bool) {
    assert_eq!(may(here, "alice", "read", "docs/1").await, expected, "{what}: here, at once");
    within_a_second(what, async || may(there, "alice", "read", "docs/1").await == expected).await;
    assert_eq!(may(here, "alice", "read", "docs/1").await, expected, "{what}: here, still");
}

async fn az_04_every_kind_of_change_counts_at_once_here_and_within_a_second_there(bed: Bed) {
    let owner = &bed.owner;
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    // Each node writes, and the other hears of it.
    for (index, [here, there]) in [[0, 1], [1, 0]].into_iter().enumerate() {
        let (here, there) = (&nodes[here], &nodes[there]);
        let (rec, grp) = (format!("rec_{index}"), format!("grp_{index}"));
        let reader = format!("reader-{index}");
        counts(here, there, "nothing", false).await;
        make_role(here, owner, &reader, &[("write", "a")]).await;
        give(here, owner, &rec, "alice", (&[&reader], &["docs"])).await;
        counts(here, there, "another permission", false).await;
        role::update(here, owner, &reader, role_body(&reader, &[("read", "a")])).await.unwrap();
        counts(here, there, "a role's update", true).await;
        role::delete(here, owner, &reader).await.unwrap();
        counts(here, there, "a role's deletion", false).await;
        make_role(here, owner, &reader, &[("read", "a")]).await;
        counts(here, there, "a role's creation", true).await;
        let moved = record_body(&rec, "alice", &[&reader], &["plans"]);
        record::update(here, owner, &rec, moved, None).await.unwrap();
        counts(here, there, "a record's update", false).await;
        record::update(here, owner, &rec, record_body(&rec, "alice", &[&reader], &["docs"]), None)
            .await
            .unwrap();
        counts(here, there, "a record's update back", true).await;
        record::delete(here, owner, &rec).await.unwrap();
        counts(here, there, "a record's deletion", false).await;
        give(here, owner, &rec, "alice", (&[&reader], &["docs"])).await;
        counts(here, there, "a record's creation", true).await;
        record::delete(here, owner, &rec).await.unwrap();
        counts(here, there, "a record's second deletion", false).await;

        let through = format!("rec_through_{index}");
        record::create(here, owner, group_record(&through, &grp, &[&reader], &["docs"])).await.unwrap();
        counts(here, there, "a group that is not there yet", false).await;
        make_group(here, owner, &grp, &["alice"]).await;
        counts(here, there, "a group's creation", true).await;
        group::update(here, owner, &grp, group_body(&grp, &["bob"]), None).await.unwrap();
        counts(here, there, "leaving a group", false).await;
        group::update(here, owner, &grp, group_body(&grp, &["bob", "alice"]), None).await.unwrap();
        counts(here, there, "joining a group", true).await;
        record::delete(here, owner, &through).await.unwrap();
        counts(here, there, "a group's record's deletion", false).await;
        record::create(here, owner, group_record(&through, &grp, &[&reader], &["docs"])).await.unwrap();
        counts(here, there, "a group's record's creation", true).await;
        group::delete(here, owner, &grp).await.unwrap();
        counts(here, there, "a group's deletion", false).await;

        configure(here, owner, "docs", "PUBLIC", true).await;
        counts(here, there, "a resource's opening", true).await;
        resource::update(here, owner, "docs", config_body("PUBLIC", false)).await.unwrap();
        counts(here, there, "a resource's closing", false).await;
    }
}

async fn az_04_options_of_a_client_count_at_once_although_it_is_remembered(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let made = client::create(here, &bed.owner, body(json!({}))).await.unwrap();
    let key = client::create_key(here, &bed.owner, &made.client_id, body(json!({}))).await.unwrap();
    let key = portcullis::jose::AccessKey::parse(&key.access_key.unwrap()).unwrap();
    let bearer = key.mint_client_token(URL, bed.portcullis.now(), 600).unwrap();
    let may_ask = async |node: &Portcullis| {
        let caller = sender(node, &bearer).await.unwrap();
        let question = Question { user_id: "alice", resource: "docs", permission: "read" };
        access::check(node, &Cx::of(caller, "r".into()), question).await.is_ok()
    };
    assert!(!may_ask(here).await && !may_ask(there).await);
    for given in [true, false] {
        let options = body(json!({"options": {"grantUserPermissionsAccess": given}}));
        client::update(here, &bed.owner, &made.client_id, options).await.unwrap();
        assert_eq!(may_ask(here).await, given, "at once");
        within_a_second("options", async || may_ask(there).await == given).await;
    }
}

async fn az_05_a_storage_that_does_not_answer_is_an_error_and_never_an_answer(bed: Bed) {
    let node = &bed.portcullis;
    make_role(node, &bed.owner, "reader", &[("read", "a")]).await;
    give(node, &bed.owner, "rec", "alice", (&["reader"], &["docs"])).await;
    let bearer = bed.key.mint_client_token(URL, node.now(), 6_000).unwrap();
    let other = bed.mint("alice").await.token;
    assert!(bed.may("alice", "read", "docs").await && sender(node, &bearer).await.is_ok());
    bed.store.close().await;
    let ask = async |user_id: &str, permission: &str| {
        let question = Question { user_id, resource: "docs", permission };
        access::check(node, &user(user_id), question).await
    };
    for (user_id, permission) in [("bob", "read"), ("carl", "write")] {
        let answer = ask(user_id, permission).await;
        assert!(matches!(answer, Err(Error::Unavailable(_))), "not in memory: {answer:?}");
    }
    assert_eq!(sender(node, &other).await, Err(AuthError::Unavailable), "not in memory");
    let written = record::create(node, &bed.owner, record_body("r", "bob", &["reader"], &["docs"])).await;
    assert!(matches!(written, Err(Error::Unavailable(_))), "{written:?}");
    assert!(matches!(
        role::list(node, &bed.owner, portcullis::PageRequest::first(1)).await,
        Err(Error::Unavailable(_))
    ));
    // For a few seconds what is in memory still answers; then nothing does.
    let cut_off = async || node.grant_cache_size().0 == 0 && node.token_cache_size() == 0;
    for _ in 0..80 {
        if cut_off().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let answer = ask("alice", "read").await;
    assert!(matches!(answer, Err(Error::Unavailable(_))), "after the cut-off: {answer:?}");
    assert_eq!(sender(node, &bearer).await, Err(AuthError::Unavailable), "after the cut-off");
    assert!(node.remembered(&bearer).is_none() && node.ready().await.is_err());
}

async fn az_05_what_was_closed_answers_nothing_from_memory(bed: Bed) {
    let node = &bed.portcullis;
    give(node, &bed.owner, "rec", "alice", (&["Authress:Owner"], &["docs"])).await;
    let bearer = bed.mint("alice").await.token;
    assert!(bed.may("alice", "read", "docs").await && sender(node, &bearer).await.is_ok());
    node.close().await;
    let question = Question { user_id: "alice", resource: "docs", permission: "read" };
    let answer = access::check(node, &user("alice"), question).await;
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    assert_eq!(sender(node, &bearer).await, Err(AuthError::Unavailable));
}

/// A database that neither answers nor fails is as good as none: nothing may be answered from memory for long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn az_05_a_database_that_hangs_is_cut_off_like_one_that_fails() {
    crate::bed::on_postgres(async |url| {
        let bed = Bed::on(url).await;
        give(&bed.portcullis, &bed.owner, "rec", "alice", (&["Authress:Owner"], &["docs"])).await;
        assert!(bed.may("alice", "read", "docs").await);
        let mut other = sqlx::PgConnection::connect(&bed.url).await.unwrap();
        let lock = "BEGIN; LOCK TABLE pc_change IN ACCESS EXCLUSIVE MODE";
        sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
        let since = std::time::Instant::now();
        while bed.portcullis.ready().await.is_ok() {
            assert!(since.elapsed() < Duration::from_secs(9), "still answers from memory");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(bed.portcullis.grant_cache_size().0, 0);
        sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
        let since = std::time::Instant::now();
        while bed.portcullis.ready().await.is_err() {
            assert!(since.elapsed() < Duration::from_secs(9), "never comes back");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert!(bed.may("alice", "read", "docs").await && bed.portcullis.grant_cache_size().0 > 0);
    })
    .await;
}
