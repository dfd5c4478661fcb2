//! The commands against a server: the same JSON in and out.

use serde_json::Value;

use crate::support::{Bed, Done, Serving, program, run};

/// A server with something in it, and a data folder without one.
fn serving() -> (Bed, Serving) {
    let bed = Bed::sqlite();
    let server = bed.serve();
    (bed, server)
}

fn ask(bed: &Bed, server: &Serving, arguments: &[&str]) -> Done {
    let key = bed.data_dir().join("bootstrap.json");
    run(program().args(arguments).args(["--server", &server.url, "--key-file"]).arg(key))
}

#[test]
fn commands_say_the_same_over_http() {
    let (bed, server) = serving();
    let remote = |arguments: &[&str]| ask(&bed, &server, arguments);
    assert_eq!(
        remote(&["role", "create", "--id", "ro_reader", "--permission", "documents:read"]).text(),
        "created ro_reader\n"
    );
    let record = [
        "record",
        "create",
        "--id",
        "rec_docs",
        "--user",
        "alice",
        "--role",
        "ro_reader",
        "--resource",
        "documents/*",
    ];
    remote(&record).text();
    remote(&["group", "create", "--id", "grp_staff", "--user", "bob"]).text();
    let client = remote(&["client", "create", "--name", "ci", "--json"]).json();
    let client_id = client["clientId"].as_str().unwrap();
    let key = remote(&["client", "key", "create", client_id, "--json"]).json();
    remote(&["client", "key", "delete", client_id, key["keyId"].as_str().unwrap()]).text();

    let links = |mut value: Value| {
        // The commands on the database do not know under which address the server is reached.
        value.as_object_mut().unwrap().remove("links");
        value
    };
    for show in
        [["role", "show", "ro_reader"], ["group", "show", "grp_staff"], ["record", "show", "rec_docs"]]
    {
        assert_eq!(links(remote(&show).json()), links(bed.run(&show).json()), "{show:?}");
    }
    for list in
        [["role", "list"], ["group", "list"], ["record", "list"], ["client", "list"], ["user", "list"]]
    {
        assert_eq!(remote(&list).text(), bed.run(&list).text(), "{list:?}");
    }
    assert_eq!(remote(&["audit", "--limit", "3"]).text(), bed.run(&["audit", "--limit", "3"]).text());
    server.stop();
}

#[test]
fn decisions_and_explanations_come_over_http() {
    let (bed, server) = serving();
    let remote = |arguments: &[&str]| ask(&bed, &server, arguments);
    remote(&["role", "create", "--id", "ro_reader", "--permission", "documents:read"]).text();
    remote(&["record", "create", "--user", "alice", "--role", "ro_reader", "--resource", "documents/*"])
        .text();
    for (user, code) in [("alice", 0), ("bob", 1)] {
        let question = [user, "documents:read", "documents/1"];
        for command in [&["check"][..], &["why"], &["why", "--json"]] {
            let arguments = [command, &question].concat();
            let (there, here) = (remote(&arguments), bed.run(&arguments));
            assert_eq!((there.code, here.code), (code, code), "{there:?}");
            assert_eq!(there.stdout, here.stdout, "{arguments:?}");
        }
    }
    server.stop();
}

#[test]
fn refusals_say_what_to_do() {
    let (bed, server) = serving();
    assert_eq!(ask(&bed, &server, &["role", "show", "ro_none"]).refusal(1), "portcullis: no role ro_none\n");
    let refusal = ask(&bed, &server, &["check", "alice", "documents:read", "a//b"]).refusal(2);
    assert!(refusal.contains("400") && refusal.contains("expected"), "{refusal}");
    let file = bed.file("state.json", "{}");
    for arguments in [&["apply", &file][..], &["user", "create", "alice"], &["token", "create", "alice"]] {
        assert!(ask(&bed, &server, arguments).refusal(2).contains("without --server"), "{arguments:?}");
    }
    let refusal = run(program().args(["role", "list", "--server", &server.url])).refusal(2);
    assert!(refusal.contains("--key-file"), "{refusal}");
    let refusal =
        run(program().args(["role", "list", "--server", &server.url, "--key", "canary"])).refusal(2);
    assert!(refusal.contains("401") && !refusal.contains("canary"), "{refusal}");
    let url = server.url.clone();
    server.stop();
    let refusal = run(program().args(["role", "list", "--server", &url, "--key", "canary"])).refusal(2);
    assert!(refusal.contains("the server cannot be asked"), "{refusal}");
}

#[test]
fn the_environment_may_name_the_server() {
    let (bed, server) = serving();
    let mut command = program();
    command
        .args(["check", "a", "b", "c"])
        .env("PORTCULLIS_SERVER", &server.url)
        .env("PORTCULLIS_KEY", bed.access_key());
    assert_eq!(run(&mut command).code, 1);
    // A flag that names a database wins.
    assert_eq!(run(command.args(["--data-dir", "/nowhere"])).code, 2);
    server.stop();
}
