//! Operations, policies, overrides and questions to the guard, by commands, here and on a server; and what an update changes.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::{Bed, Done, Serving, program, run};

on_both!(
    the_guard_answers_here_and_on_a_server_by_policies_and_overrides,
    a_question_to_the_guard_holds_nothing,
    what_is_managed_is_changed_as_a_whole_or_by_its_members,
);

fn ask(bed: &Bed, server: &Serving, arguments: &[&str]) -> Done {
    let key = bed.data_dir().join("bootstrap.json");
    run(program().args(arguments).args(["--server", &server.url, "--key-file"]).arg(key))
}

/// Registers an operation and gives a token of alice that the server takes.
fn with_a_token(bed: &Bed, server: &Serving) -> String {
    let create = ["operation", "create", "--name", "edit_document", "--permission", "document:edit"];
    ask(bed, server, &[&create[..], &["--resource", "documents/{id}"]].concat()).text();
    bed.run(&["token", "create", "alice", "--public-url", &server.url]).text().trim().to_owned()
}

fn the_guard_answers_here_and_on_a_server_by_policies_and_overrides(bed: Bed) {
    let server = bed.serve();
    let token = with_a_token(&bed, &server);
    let question = ["guard", "--token", &token, "edit_document", "--resource", "1"];
    let here = |arguments: &[&str]| {
        let environment = [("PORTCULLIS_PUBLIC_URL", &server.url)];
        run(program().args(arguments).args(bed.storage()).envs(environment))
    };
    let both = |code: i32, line: &str| {
        for done in [here(&question), ask(&bed, &server, &question)] {
            assert_eq!((done.code, done.stdout.lines().next()), (code, Some(line)), "{done:?}");
        }
    };
    both(1, "deny permission_denied: nothing allows this");

    // Each is made on the server and found in the database, and the other way round.
    let policy = ["--effect", "allow", "--permission", "document:edit", "--resource", "documents/*"];
    let made = ask(&bed, &server, &[&["policy", "create", "--id", "pol_all"][..], &policy].concat());
    assert_eq!(made.text(), "created pol_all\n");
    assert_eq!(bed.run(&["policy", "list"]).text(), ask(&bed, &server, &["policy", "list"]).text());
    assert_eq!(bed.run(&["policy", "show", "pol_all"]).json()["effect"], "allow");
    assert_eq!(ask(&bed, &server, &question).text(), "allow POLICY_ALLOW\n");

    let deny = ["--user", "alice", "--effect", "deny", "--permission", "*", "--resource", "documents/1"];
    let made = ask(&bed, &server, &[&["override", "create", "--id", "ovr_1"][..], &deny].concat());
    assert_eq!(made.text(), "created ovr_1\n");
    assert_eq!(bed.run(&["override", "list"]).text(), ask(&bed, &server, &["override", "list"]).text());
    assert_eq!(ask(&bed, &server, &question).code, 1);
    let whole = ask(&bed, &server, &[&question[..], &["--json"]].concat());
    let outcome: Value = serde_json::from_str(&whole.stdout).unwrap();
    assert_eq!((&outcome["allowed"], &outcome["decision"]["path"]), (&json!(false), &json!("EXPLICIT_DENY")));
    let until = ["override", "update", "ovr_1", "--set", "expiresAt=2001-01-01T00:00:00Z"];
    assert_eq!(ask(&bed, &server, &until).text(), "updated ovr_1\n");
    both(0, "allow POLICY_ALLOW");

    let who = ask(&bed, &server, &["guard", "--token", &token, "--json"]).json();
    assert_eq!(who["context"]["user"]["id"], "alice");
    let forged = ask(&bed, &server, &["guard", "--token", "forged", "edit_document"]);
    assert_eq!((forged.code, forged.stdout.starts_with("deny token_malformed")), (1, true), "{forged:?}");
    let nobodys = run(program().args(question).args(["--server", &server.url, "--key", "canary"]));
    assert!(nobodys.refusal(2).contains("401"), "to ask takes a right: that is no no");
    let wrong = [&question[..], &["--metadata", "[]"]].concat();
    assert!(ask(&bed, &server, &wrong).refusal(2).contains("--metadata"));
    ask(&bed, &server, &["policy", "delete", "pol_all"]).text();
    ask(&bed, &server, &["override", "delete", "ovr_1"]).text();
    bed.run(&["policy", "show", "pol_all"]).refusal(1);
    server.stop();
}

fn a_question_to_the_guard_holds_nothing(bed: Bed) {
    let server = bed.serve();
    let token = with_a_token(&bed, &server);
    bed.run(&["role", "create", "--id", "ro_editor", "--permission", "document:edit"]).text();
    bed.run(&["record", "create", "--user", "alice", "--role", "ro_editor", "--resource", "documents"])
        .text();
    let priced = r#"billing={"base": 2000000}"#;
    bed.run(&["operation", "update", "edit_document", "--set", priced]).text();
    let question = ["guard", "--token", &token, "edit_document", "--resource", "1"];
    let unpaid = crate::support::wait_for("the server to hear of the price", || {
        let done = ask(&bed, &server, &question);
        done.stdout.contains("credits_insufficient").then_some(done)
    });
    assert_eq!(unpaid.code, 1);
    bed.run(&["credits", "grant", "alice", "3"]).text();
    for _ in 0..3 {
        assert_eq!(ask(&bed, &server, &question).text(), "allow ROLE_ALLOW\n");
    }
    let balance = bed.run(&["credits", "balance", "alice", "--json"]).json();
    let balance = &balance["balances"][0];
    assert_eq!((&balance["available"], &balance["held"]), (&json!(3_000_000), &json!(0)), "{balance}");
    server.stop();
}

fn what_is_managed_is_changed_as_a_whole_or_by_its_members(bed: Bed) {
    let server = bed.serve();
    let made: &[&[&str]] = &[
        &["organization", "create", "--id", "org_acme"],
        &["product", "create", "--id", "prd_app", "--version-name", "1"],
        &["plan", "create", "prd_app", "--id", "pln_pro", "--rank", "2"],
        &["subscription", "create", "org_acme", "--id", "sub_1", "--plan", "pln_pro"],
        &["role", "create", "--id", "ro_a", "--permission", "a:read"],
        &["group", "create", "--id", "grp_a", "--user", "bob"],
        &["record", "create", "--id", "rec_a", "--user", "bob", "--role", "ro_a", "--resource", "a"],
        &["operation", "create", "--name", "read_a", "--permission", "a:read"],
    ];
    for create in made {
        bed.run(create).text();
    }
    let client = bed.run(&["client", "create", "--name", "ci", "--json"]).json();
    let client = client["clientId"].as_str().unwrap();
    let things: &[(&[&str], &[&str], &str, Value)] = &[
        (&["organization"], &["org_acme"], "name=Acme", json!("Acme")),
        (&["product"], &["prd_app"], r#"versions=["1", "2"]"#, json!(["1", "2"])),
        (&["plan"], &["prd_app", "pln_pro"], "rank=3", json!(3)),
        (&["subscription"], &["org_acme", "sub_1"], "seatCount=7", json!(7)),
        (&["role"], &["ro_a"], "name=Readers", json!("Readers")),
        (&["group"], &["grp_a"], "name=Bobs", json!("Bobs")),
        (&["record"], &["rec_a"], "name=Some", json!("Some")),
        (&["operation"], &["read_a"], "needsSeat=true", json!(true)),
        (&["client"], &[client], "name=build", json!("build")),
    ];
    for (kind, ids, set, value) in things {
        let member = set.split('=').next().unwrap();
        let here = |verb: &str, more: &[&str]| bed.run(&[*kind, &[verb], *ids, more].concat());
        let there = |verb: &str, more: &[&str]| ask(&bed, &server, &[*kind, &[verb], *ids, more].concat());
        let id = ids.last().unwrap();
        let before = here("show", &[]).json();
        assert_ne!(&before[member], value, "{kind:?}");
        assert_eq!(here("update", &["--set", set]).text(), format!("updated {id}\n"), "{kind:?}");
        let mut after = there("show", &[]).json();
        assert_eq!(&after[member], value, "{kind:?}");
        // Nothing else changed; and a file changes it back, on the server.
        let mut expected = before.clone();
        for shown in [&mut after, &mut expected] {
            for changing in [member, "lastUpdated", "links", "version"] {
                shown.as_object_mut().unwrap().remove(changing);
            }
        }
        assert_eq!(after, expected, "{kind:?}");
        let file = bed.file("before.json", &before.to_string());
        there("update", &["--file", &file]).text();
        assert_eq!(here("show", &[]).json()[member], before[member], "{kind:?}");
        let changed = there("update", &["--set", set, "--json"]).json();
        assert_eq!(&changed[member], value, "{kind:?}");
        assert!(here("update", &["--set", "nome=x"]).refusal(2).contains("nome"), "{kind:?}");
        assert_eq!(here("update", &[]).code, 2, "nothing to change");
    }
    let unknown = bed.run(&["product", "update", "prd_none", "--set", "name=x"]).refusal(2);
    assert_eq!(unknown, "portcullis: no product prd_none\n");
    server.stop();
}
