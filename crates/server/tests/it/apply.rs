//! `apply`: one transaction, said line by line.

use std::io::Write as _;
use std::process::Stdio;

use crate::on_both;
use crate::support::{Bed, program};

on_both!(
    a_dry_run_says_what_the_run_then_does,
    what_is_wrong_is_named_by_its_path_and_nothing_is_done,
    three_languages_and_stdin_are_read,
);

const DOCUMENT: &str = r#"
users:
  - {userId: alice, name: Alice}
clients:
  - {clientId: sc_ci, name: ci}
roles:
  - roleId: ro_reader
    name: Reader
    permissions:
      - {action: "documents:read", allow: true, grant: false, delegate: false}
groups:
  - {groupId: grp_staff, name: Staff, users: [{userId: bob}]}
records:
  - recordId: rec_docs
    name: Docs
    groups: [{groupId: grp_staff}]
    statements:
      - {roles: [ro_reader], resources: [{resourceUri: "documents/*"}]}
resources:
  - {resourceUri: lobby, permissions: [{action: PUBLIC, allow: true}]}
"#;

/// In the order in which things depend on each other.
fn lines(verb: &str) -> String {
    ["role ro_reader", "user alice", "client sc_ci", "group grp_staff", "resource lobby", "record rec_docs"]
        .map(|thing| format!("{verb} {thing}\n"))
        .concat()
}

fn a_dry_run_says_what_the_run_then_does(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    let file = bed.file("state.yaml", DOCUMENT);
    assert_eq!(bed.run(&["apply", &file, "--dry-run"]).text(), lines("create"));
    assert_eq!(bed.run(&["check", "bob", "documents:read", "documents/1"]).code, 1, "a dry run does nothing");
    assert_eq!(bed.run(&["apply", &file]).text(), lines("create"));
    assert_eq!(bed.run(&["check", "bob", "documents:read", "documents/1"]).code, 0);
    assert_eq!(bed.run(&["check", "anybody", "enter", "lobby"]).code, 0);
    assert_eq!(bed.run(&["apply", &file]).text(), lines("unchanged"));

    let changed = bed.file("changed.yaml", &DOCUMENT.replace("name: Reader", "name: Readers"));
    let applied = bed.run(&["apply", &changed, "--json"]).json();
    let verbs: Vec<_> = applied.as_array().unwrap().iter().map(|one| one["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["update", "unchanged", "unchanged", "unchanged", "unchanged", "unchanged"]);
}

fn what_is_wrong_is_named_by_its_path_and_nothing_is_done(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    for (wrong, right, path) in [
        ("alow: true", "allow: true", "roles[0].permissions[0]"),
        ("rolse:", "roles:", "unknown key rolse"),
        ("usres: [{userId: bob}]", "users: [{userId: bob}]", "groups[0].usres"),
        ("resourceUri: \"a//b\"", "resourceUri: \"documents/*\"", "records[0].statements[0].resources[0]"),
    ] {
        let file = bed.file("wrong.yaml", &DOCUMENT.replacen(right, wrong, 1));
        let refusal = bed.run(&["apply", &file]).refusal(2);
        assert!(refusal.contains(path), "{wrong}: {refusal}");
    }
    assert_eq!(bed.run(&["user", "show", "alice"]).code, 1, "nothing was done");
    let refusal = bed.run(&["apply", "/nowhere.yaml"]).refusal(2);
    assert!(refusal.contains("cannot read /nowhere.yaml"), "{refusal}");
}

fn three_languages_and_stdin_are_read(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    let json = r#"{"users": [{"userId": "from_json"}]}"#;
    let file = bed.file("state.json", json);
    assert_eq!(bed.run(&["apply", &file]).text(), "create user from_json\n");
    let file = bed.file("state.toml", "[[users]]\nuserId = \"from_toml\"\n");
    assert_eq!(bed.run(&["apply", &file]).text(), "create user from_toml\n");

    let mut child = program()
        .args(["apply", "-"])
        .args(bed.storage())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(json.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "unchanged user from_json\n");
}
