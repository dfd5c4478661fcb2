use portcullis_store::{AuditFilter, ChangeKind, NewAudit};

use crate::fixtures::NOW;
use crate::support::{Database, on_both, read, write};

on_both![
    changes_are_read_in_the_order_in_which_they_were_added,
    pruning_never_lets_the_newest_change_go_back,
    a_change_kind_of_a_newer_node_is_unknown,
    audit_events_come_newest_first_by_any_part_of_the_filter,
    an_audit_event_may_hold_any_text,
];

async fn changes_are_read_in_the_order_in_which_they_were_added(database: Database) {
    let store = database.store;
    assert_eq!((read!(store, newest_change()), read!(store, oldest_change())), (0, 0));
    assert_eq!(write!(store, append_changes(&[], NOW, "n1")), 0);
    let changes: Vec<_> = (0..30).map(|n| (ChangeKind::User, format!("u{n}"))).collect();
    let last = write!(store, append_changes(&changes, NOW, "n1"));
    let next = write!(store, append_changes(&[(ChangeKind::SigningKey, "k".to_owned())], NOW, "n2"));
    assert!(next > last);
    let all = read!(store, changes_after(0, 99));
    let keys: Vec<_> = all.iter().take(30).map(|change| (change.kind, change.key.clone())).collect();
    assert_eq!(keys, changes);
    assert_eq!(
        (all[29].id, all[30].id, all[30].kind, all[30].node.as_str()),
        (last, next, ChangeKind::SigningKey, "n2")
    );
    assert_eq!(read!(store, changes_after(last, 99)).len(), 1);
    assert_eq!(read!(store, changes_after(0, 3)), all[..3]);
    assert_eq!((read!(store, newest_change()), read!(store, oldest_change())), (next, all[0].id));
}

async fn pruning_never_lets_the_newest_change_go_back(database: Database) {
    let store = database.store;
    let one = |n: i64| [(ChangeKind::Role, format!("r{n}"))];
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(write!(store, append_changes(&one(n), NOW.plus_secs(n), "n")));
    }
    assert_eq!(write!(store, prune_changes(NOW.plus_secs(2).micros(), 1)), 1);
    assert_eq!(write!(store, prune_changes(NOW.plus_secs(2).micros(), 9)), 1);
    assert_eq!(read!(store, oldest_change()), ids[2]);
    assert_eq!(write!(store, prune_changes(i64::MAX, 99)), 2);
    assert_eq!(write!(store, prune_changes(i64::MAX, 99)), 0);
    assert_eq!((read!(store, oldest_change()), read!(store, newest_change())), (ids[4], ids[4]));
    assert!(write!(store, append_changes(&one(9), NOW, "n")) > ids[4]);
}

async fn a_change_kind_of_a_newer_node_is_unknown(database: Database) {
    database.execute("INSERT INTO pc_change (kind, key, at, node) VALUES ('wallet', 'w', 1, 'n')").await;
    let store = database.store;
    assert_eq!(read!(store, changes_after(0, 9))[0].kind, ChangeKind::Unknown);
    let kinds = [
        ChangeKind::User,
        ChangeKind::Group,
        ChangeKind::Role,
        ChangeKind::ResourceConfig,
        ChangeKind::Client,
        ChangeKind::AccessKey,
        ChangeKind::Token,
        ChangeKind::SigningKey,
        ChangeKind::Unknown,
    ];
    let known = kinds.map(|kind| (kind, String::new()));
    write!(store, append_changes(&known, NOW, "n"));
    let read: Vec<_> = read!(store, changes_after(1, 99)).into_iter().map(|change| change.kind).collect();
    assert_eq!(read, kinds);
}

fn event(actor: &str, action: &str, target: &str) -> NewAudit {
    NewAudit {
        at: NOW,
        actor: actor.to_owned(),
        action: action.to_owned(),
        target: target.to_owned(),
        outcome: "done".to_owned(),
        detail: None,
        node: "n1".to_owned(),
        request_id: Some("r".to_owned()),
    }
}

async fn audit_events_come_newest_first_by_any_part_of_the_filter(database: Database) {
    let store = database.store;
    write!(store, append_audit(&[]));
    let events = [
        event("alice", "role.create", "r1"),
        event("bob", "role.create", "r2"),
        event("alice", "role.delete", "r1"),
        event("alice", "role.create", "r3"),
    ];
    write!(store, append_audit(&events));
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    for (actor, action, target, expected) in [
        ("", "", "", vec![3, 2, 1, 0]),
        ("alice", "", "", vec![3, 2, 0]),
        ("", "role.create", "", vec![3, 1, 0]),
        ("", "", "r1", vec![2, 0]),
        ("alice", "role.create", "", vec![3, 0]),
        ("alice", "role.delete", "r1", vec![2]),
        ("bob", "", "r1", vec![]),
    ] {
        let filter = AuditFilter {
            actor: text(actor),
            action: text(action),
            target: text(target),
            limit: 9,
            ..AuditFilter::default()
        };
        let found: Vec<_> = read!(store, list_audit(&filter))
            .into_iter()
            .map(|event| (event.actor, event.action, event.target))
            .collect();
        let wanted: Vec<_> = expected
            .into_iter()
            .map(|index: usize| &events[index])
            .map(|event| (event.actor.clone(), event.action.clone(), event.target.clone()))
            .collect();
        assert_eq!(found, wanted, "{actor} {action} {target}");
    }
    let first = read!(store, list_audit(&AuditFilter { limit: 2, ..AuditFilter::default() }));
    let before = Some(first[1].event_id);
    let second = read!(store, list_audit(&AuditFilter { before, limit: 9, ..AuditFilter::default() }));
    assert_eq!((first.len(), second.len(), second[0].actor.as_str()), (2, 2, "bob"));
    assert_eq!((second[0].at, second[0].request_id.as_deref()), (NOW, Some("r")));
}

async fn an_audit_event_may_hold_any_text(database: Database) {
    let store = database.store;
    let mut odd = event("a\0b", "x.y", "\u{1F600}\"\\\u{1}");
    odd.detail = Some("line\nline".to_owned());
    write!(store, append_audit(&[odd]));
    let read = read!(store, list_audit(&AuditFilter { limit: 1, ..AuditFilter::default() }));
    assert_eq!((read[0].actor.as_str(), read[0].target.as_str()), ("a\u{fffd}b", "\u{1F600}\"\\\u{1}"));
    assert_eq!(read[0].detail.as_deref(), Some("line\nline"));
}
