//! People who sign in: made, disabled and reset by commands, imported with their hashes, and let in over HTTP.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::on_both;
use crate::support::{Bed, Done, Http, Serving, program, run, wait_for};

on_both!(
    a_person_is_made_with_a_password_from_stdin_and_managed,
    sessions_are_listed_and_ended,
    people_are_imported_with_the_hashes_that_they_have,
);

const GOOD: &str = "seven quiet herons fold paper";

/// Runs a command with something on stdin.
fn fed(bed: &Bed, arguments: &[&str], stdin: &str) -> Done {
    let mut child = program()
        .args(arguments)
        .args(bed.storage())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Done {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn log_in(server: &Serving, email: &str, password: &str) -> (u16, Value) {
    let body = json!({ "email": email, "password": password });
    Http::new(&server.url, "").post("/v1/auth/login", &body)
}

/// Signs in, which must succeed; gives the access token.
fn signed_in(server: &Serving, email: &str, password: &str) -> String {
    let (status, tokens) = log_in(server, email, password);
    assert_eq!(status, 200, "{tokens}");
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn me(server: &Serving, token: &str) -> u16 {
    Http::new(&server.url, token).get("/v1/auth/me").0
}

fn a_person_is_made_with_a_password_from_stdin_and_managed(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    let create = ["user", "create", "alice", "--email", "alice@example.org", "--password-stdin"];
    let weak = fed(&bed, &create, "passwordpassword\n").refusal(2);
    assert!(weak.contains("password") && !weak.contains("passwordpassword"), "au_05 {weak}");
    assert_eq!(fed(&bed, &create, &format!("{GOOD}\nanother line\n")).text(), "created alice\n");
    bed.run(&["user", "create", "bob", "--email", "bob@example.org", "--email-verified"]).text();

    let shown = bed.run(&["user", "show", "alice"]).json();
    assert_eq!((&shown["state"], &shown["failures"]), (&json!("active"), &json!(0)));
    assert!(shown["passwordSetAt"].is_string() && !shown.to_string().contains("argon2"), "{shown}");
    let shown = bed.run(&["user", "show", "bob"]).json();
    assert_eq!((&shown["emailVerified"], shown.get("passwordSetAt")), (&json!(true), None));

    let server = bed.serve();
    let token = signed_in(&server, "Alice@Example.org", GOOD);
    assert_eq!(me(&server, &token), 200);
    assert_eq!(bed.run(&["user", "disable", "alice"]).text(), "disabled alice\n");
    wait_for("the server to see it", || (me(&server, &token) == 401).then_some(()));
    assert_eq!(log_in(&server, "alice@example.org", GOOD).0, 401);
    let ids = |arguments: &[&str]| {
        let listed = bed.run(&[&["user", "list", "--json"], arguments].concat()).json();
        let users = listed["users"].as_array().unwrap().clone();
        users.iter().map(|user| user["userId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--state", "disabled"]), ["alice"]);
    assert_eq!(ids(&["--pool", "main", "--state", "active"]), ["bob"]);

    // The same over the API.
    let key = bed.data_dir().join("bootstrap.json");
    let remote = |arguments: &[&str]| {
        run(program().args(arguments).args(["--server", &server.url, "--key-file"]).arg(&key))
    };
    assert_eq!(remote(&["user", "enable", "alice"]).text(), "enabled alice\n");
    signed_in(&server, "alice@example.org", GOOD);
    assert_eq!(me(&server, &token), 401, "what was ended stays so");
    let listed = ["user", "list", "--pool", "main"];
    assert_eq!(remote(&listed).text(), bed.run(&listed).text());
    assert_eq!(remote(&["user", "show", "alice"]).json()["state"], "active");
    let unsent = remote(&["user", "reset-password", "alice"]).refusal(2);
    assert!(unsent.contains("mail"), "without a mailer: {unsent}");
    bed.run(&["user", "disable", "nobody"]).refusal(2);
    server.stop();

    // A folder is a mailer.
    let folder = bed.folder.path().join("mails");
    std::fs::create_dir(&folder).unwrap();
    let mail = format!("file:{}", folder.display());
    let reset = run(program()
        .args(["user", "reset-password", "alice"])
        .args(bed.storage())
        .env("PORTCULLIS_MAIL", &mail)
        .env("PORTCULLIS_MAIL_FROM", "portcullis@example.org"));
    assert_eq!(reset.text(), "mailed alice\n");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

fn sessions_are_listed_and_ended(bed: Bed) {
    let server = bed.serve();
    let create = ["user", "create", "alice", "--email", "alice@example.org", "--password-stdin"];
    fed(&bed, &create, GOOD).text();
    let tokens: Vec<_> = (0..3).map(|_| signed_in(&server, "alice@example.org", GOOD)).collect();
    let ids = || {
        let listed = bed.run(&["session", "list", "alice", "--json"]).json();
        let sessions = listed["sessions"].as_array().unwrap().clone();
        sessions.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = ids();
    assert_eq!(before.len(), 3);
    assert_eq!(bed.run(&["session", "list", "alice"]).text().lines().count(), 3);
    bed.run(&["session", "end", &before[0]]).text();
    assert_eq!(ids(), before[1..]);
    let alive = || tokens.iter().filter(|token| me(&server, token) == 200).count();
    wait_for("the end of one", || (alive() == 2).then_some(()));
    bed.run(&["session", "end-all", "alice"]).text();
    assert!(ids().is_empty());
    wait_for("the end of all", || (alive() == 0).then_some(()));
    assert_ne!(bed.run(&["session", "end", "ses_none"]).code, 0);
    server.stop();
}

const PEOPLE: &str = r#"
userPools:
  - {poolId: shop, registration: open}
users:
  - userId: alice
    email: alice@example.org
    emailVerified: true
    passwordHash: "$2b$04$abcdefghijklmnopqrstuurG5D6a6zaNUFhrAAFGoAlb4fspP1RXy"
  - userId: bob
    email: bob@example.org
    passwordHash: "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
  - {userId: carl, email: carl@example.org, pool: shop}
"#;

fn people_are_imported_with_the_hashes_that_they_have(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    let wrong = bed.file("wrong.yaml", &PEOPLE.replace("$2b$04$", "$9z$04$"));
    let refusal = bed.run(&["apply", &wrong]).refusal(2);
    assert!(refusal.contains("users[0].passwordHash") && !refusal.contains("abcdefghijkl"), "{refusal}");
    let file = bed.file("people.yaml", PEOPLE);
    let lines = |verb: &str| {
        ["user pool shop", "user alice", "user bob", "user carl"]
            .map(|thing| format!("{verb} {thing}\n"))
            .concat()
    };
    assert_eq!(bed.run(&["apply", &file]).text(), lines("create"));
    assert_eq!(bed.run(&["apply", &file]).text(), lines("unchanged"));
    let server = bed.serve();
    for _ in 0..2 {
        // The second is by the hash that the first has replaced.
        signed_in(&server, "alice@example.org", "seven quiet herons");
        signed_in(&server, "bob@example.org", "password");
    }
    assert_eq!(log_in(&server, "alice@example.org", "password").0, 401);
    assert_eq!(log_in(&server, "carl@example.org", "password").0, 401);
    assert_eq!(bed.run(&["apply", &file]).text(), lines("unchanged"), "an old hash does not come back");
    server.stop();
}
