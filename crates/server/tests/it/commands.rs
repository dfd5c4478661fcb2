//! What the commands print, and their exit codes.

use serde_json::json;

use crate::on_both;
use crate::support::{Bed, Http, program, run, wait_for};

on_both!(
    a_decision_is_an_exit_code,
    what_does_not_exist_is_a_no_and_what_is_malformed_a_failure,
    every_kind_of_thing_is_created_listed_shown_and_deleted,
    a_command_changes_what_a_running_server_answers,
    the_audit_trail_names_who_did_it,
    a_token_works_on_the_server_that_it_names,
);

fn granted(bed: &Bed) {
    bed.run(&["bootstrap"]).text();
    bed.run(&["role", "create", "--id", "ro_reader", "--permission", "documents:read"]).text();
    let record = ["--id", "rec_docs", "--user", "alice", "--role", "ro_reader", "--resource", "documents/*"];
    bed.run(&[&["record", "create"], &record[..]].concat()).text();
}

fn a_decision_is_an_exit_code(bed: Bed) {
    granted(&bed);
    assert_eq!(bed.run(&["check", "alice", "documents:read", "documents/1"]).text(), "allow\n");
    let denied = bed.run(&["check", "alice", "documents:write", "documents/1"]);
    assert_eq!((denied.code, denied.stdout.as_str(), denied.stderr.as_str()), (1, "deny\n", ""));

    let why = bed.run(&["why", "alice", "documents:read", "documents/1", "--json"]).json();
    assert_eq!(why["decision"], "allow");
    assert_eq!(why["allowedBy"]["recordId"], "rec_docs");
    assert_eq!(why["allowedBy"]["via"]["type"], "user");

    let why = bed.run(&["why", "bob", "documents:read", "documents/1"]);
    assert_eq!(why.code, 1);
    assert!(why.stdout.starts_with("deny: bob documents:read on documents/1\n"), "{why:?}");
    assert!(why.stdout.contains("rec_docs"), "{why:?}");

    let check = bed.run(&["check", "alice", "documents:read", "documents/1", "--json"]).json();
    let expected = json!({
        "decision": "allow", "principal": "alice", "permission": "documents:read", "resource": "documents/1",
    });
    assert_eq!(check, expected);
}

fn what_does_not_exist_is_a_no_and_what_is_malformed_a_failure(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    for kind in ["role", "group", "record", "client", "user"] {
        let refusal = bed.run(&[kind, "show", "nobody"]).refusal(1);
        assert_eq!(refusal, format!("portcullis: no {kind} nobody\n"));
        bed.run(&[kind, "delete", "nobody"]).refusal(2);
    }
    let refusal = bed.run(&["check", "alice", "documents:read", "a//b"]).refusal(2);
    assert!(refusal.contains("resourceUri: expected"), "{refusal}");
    assert_eq!(bed.run(&["check", "alice"]).code, 2);
    assert_eq!(bed.run(&["chekc"]).code, 2);
    assert_eq!(run(program().arg("--help")).code, 0);
    assert!(run(program().arg("--version")).text().starts_with("portcullis 0."));
}

fn every_kind_of_thing_is_created_listed_shown_and_deleted(bed: Bed) {
    granted(&bed);
    bed.run(&["group", "create", "--id", "grp_staff", "--user", "bob", "--user", "carol"]).text();
    bed.run(&["user", "create", "alice", "--name", "Alice", "--email", "alice@example.org"]).text();
    let made = bed.run(&["client", "create", "--name", "ci", "--json"]).json();
    let client_id = made["clientId"].as_str().unwrap();

    for (kind, collection, id_field, id) in [
        ("role", "roles", "roleId", "ro_reader"),
        ("group", "groups", "groupId", "grp_staff"),
        ("record", "records", "recordId", "rec_docs"),
        ("client", "clients", "clientId", client_id),
        ("user", "users", "userId", "alice"),
    ] {
        let listed = bed.run(&[kind, "list", "--json"]).json();
        let ids: Vec<_> =
            listed[collection].as_array().unwrap().iter().map(|item| item[id_field].clone()).collect();
        assert!(ids.contains(&json!(id)), "{kind}: {listed}");
        assert!(bed.run(&[kind, "list"]).text().lines().any(|line| line.starts_with(id)), "{kind}");
        assert_eq!(bed.run(&[kind, "show", id]).json()[id_field], id);
        assert_eq!(bed.run(&[kind, "delete", id]).text(), format!("deleted {id}\n"));
    }
    assert_eq!(bed.run(&["check", "alice", "documents:read", "documents/1"]).code, 1);
}

fn a_command_changes_what_a_running_server_answers(bed: Bed) {
    let server = bed.serve();
    let http = Http::new(&server.url, &bed.access_key());
    assert!(!http.check("alice", "documents:read", "documents/1"));
    granted(&bed);
    // The grant set of alice is in the server's memory; the bound of a second is measured in `nodes.rs`.
    wait_for("the server to see the record", || {
        http.check("alice", "documents:read", "documents/1").then_some(())
    });
    bed.run(&["record", "delete", "rec_docs"]).text();
    wait_for("the server to see the deletion", || {
        (!http.check("alice", "documents:read", "documents/1")).then_some(())
    });
    server.stop();
}

fn the_audit_trail_names_who_did_it(bed: Bed) {
    granted(&bed);
    let server = bed.serve();
    let trail = bed.run(&["audit", "--json", "--action", "record.create"]).json();
    let event = &trail["events"][0];
    assert_eq!((&event["target"], &event["outcome"]), (&json!("rec_docs"), &json!("done")));
    assert!(event["actor"].as_str().unwrap().starts_with("cli:"), "{event}");

    let (status, over_http) = Http::new(&server.url, &bed.access_key()).get("/v1/audit?action=record.create");
    assert_eq!(status, 200);
    assert_eq!(over_http["events"][0], *event);
    assert_eq!(bed.run(&["audit", "--limit", "2"]).text().lines().count(), 2);
}

fn a_token_works_on_the_server_that_it_names(bed: Bed) {
    let server = bed.serve();
    let printed = bed.run(&["token", "create", "alice", "--ttl", "5m", "--public-url", &server.url]).text();
    let (status, _) = Http::new(&server.url, printed.trim()).get("/v1/users/alice/resources");
    assert_eq!(status, 200);
    let as_json = bed.run(&["token", "create", "alice", "--json", "--public-url", &server.url]).json();
    assert_eq!(as_json["userId"], "alice");
    let elsewhere =
        bed.run(&["token", "create", "alice", "--public-url", "https://elsewhere.example"]).text();
    let (status, _) = Http::new(&server.url, elsewhere.trim()).get("/v1/users/alice/resources");
    assert_eq!(status, 401);
}
