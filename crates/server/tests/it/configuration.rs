//! Flags, environment, file, defaults; and what is refused before anything is opened.

use crate::support::{Bed, Serving, program, run};

#[test]
fn each_source_wins_over_the_one_below() {
    let bed = Bed::sqlite();
    let file = bed
        .file("portcullis.toml", "listen = \"127.0.0.1:0\"\npublic_url = \"https://of-the-file.example\"\n");
    let issuer = |configure: &dyn Fn(&mut std::process::Command)| {
        let mut command = program();
        command.args(["serve", "--config", &file]).args(bed.storage());
        configure(&mut command);
        let server = Serving::start(command, &bed.folder.path().join("log")).unwrap();
        let http = crate::support::Http::new(&server.url, "");
        let (status, configuration) = http.get("/.well-known/openid-configuration");
        assert_eq!(status, 200);
        server.stop();
        configuration["issuer"].as_str().unwrap().to_owned()
    };
    assert_eq!(issuer(&|_| {}), "https://of-the-file.example");
    let environment = |command: &mut std::process::Command| {
        command.env("PORTCULLIS_PUBLIC_URL", "https://of-the-environment.example");
    };
    assert_eq!(issuer(&environment), "https://of-the-environment.example");
    let flag = |command: &mut std::process::Command| {
        environment(command);
        command.args(["--public-url", "https://of-the-flag.example/"]);
    };
    assert_eq!(issuer(&flag), "https://of-the-flag.example");
}

#[test]
fn what_nobody_knows_is_refused() {
    let bed = Bed::sqlite();
    let file = bed.file("portcullis.toml", "lisen = \"127.0.0.1:0\"\n");
    let refusal = run(program().args(["serve", "--config", &file]).args(bed.storage())).refusal(2);
    assert_eq!(refusal, format!("portcullis: unknown setting: lisen in {file}\n"));
    let refusal = run(bed.serve_command().env("PORTCULLIS_LISEN", "127.0.0.1:0")).refusal(2);
    assert_eq!(refusal, "portcullis: unknown environment variable: PORTCULLIS_LISEN\n");
    assert_eq!(run(program().args(["serve", "--lisen", "127.0.0.1:0"])).code, 2);
}

#[test]
fn what_cannot_be_used_is_one_clear_line() {
    let bed = Bed::sqlite();
    let storage = ["--data-dir", bed.data_dir().to_str().unwrap()].map(str::to_owned);
    let refused = |arguments: &[&str]| run(program().args(arguments).args(&storage)).refusal(2);
    assert!(refused(&["serve", "--listen", "localhost"]).contains("--listen: expected IP:PORT"));
    assert!(refused(&["serve", "--database", "mysql://u:canary@h/d"]).contains("expected sqlite://PATH"));
    assert!(!refused(&["serve", "--database", "mysql://u:canary@h/d"]).contains("canary"));
    let down =
        refused(&["serve", "--listen", "127.0.0.1:0", "--database", "postgres://u:canary@127.0.0.1:1/d"]);
    assert!(down.contains("the database is not available") && !down.contains("canary"), "{down}");
    assert!(refused(&["check", "a", "b", "c"]).contains("run `portcullis serve` or `portcullis bootstrap`"));
    assert!(
        refused(&["check", "a", "b", "c", "--config", "/nowhere.toml"]).contains("cannot read /nowhere.toml")
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert!(refused(&["serve", "--listen", &address]).contains(&format!("cannot listen on {address}")));
    assert!(!bed.data_dir().join("portcullis.db").exists(), "nothing was made on the way");
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let bed = Bed::sqlite();
    let file = bed.file("file", "");
    let refusal = run(program().args(["bootstrap", "--data-dir", &format!("{file}/data")])).refusal(2);
    assert!(refusal.contains(&format!("cannot create the data folder {file}/data")), "{refusal}");
}

#[test]
fn the_contracts_are_the_same_every_time() {
    for command in ["openapi", "config-schema"] {
        let text = run(program().arg(command)).text();
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok() && text.ends_with('\n'));
        assert_eq!(run(program().arg(command)).text(), text, "{command}");
    }
}

#[test]
fn a_guard_that_believes_every_token_stays_on_this_machine() {
    let bed = Bed::sqlite();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let flag = ["serve", "--guard-fake-context", "--listen", listen];
        let refusal = run(program().args(flag).args(bed.storage())).refusal(2);
        assert!(refusal.contains("--guard-fake-context") && refusal.contains(listen), "{refusal}");
        let mut command = program();
        command.args(["serve", "--listen", listen]).args(bed.storage());
        let refusal = run(command.env("PORTCULLIS_GUARD_FAKE_CONTEXT", "yes")).refusal(2);
        assert!(refusal.contains("--guard-fake-context"), "{refusal}");
    }
    assert!(!bed.data_dir().exists(), "nothing was made on the way");

    let mut command = bed.serve_command();
    command.arg("--guard-fake-context");
    let server = Serving::start(command, &bed.folder.path().join("server.log")).unwrap();
    assert!(server.log().contains("DEVELOPMENT MODE"), "{}", server.log());
    let http = crate::support::Http::new(&server.url, &bed.access_key());
    // {"alg":"none"} and {"sub":"alice"}
    let fake = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.";
    let (status, outcome) = http.post("/v1/guard", &serde_json::json!({ "token": fake }));
    assert_eq!((status, &outcome["context"]["user"]["id"]), (200, &"alice".into()), "{outcome}");
    assert_eq!(outcome["context"]["_fake"], true);
    let as_bearer = crate::support::Http::new(&server.url, fake);
    assert_eq!(as_bearer.get("/v1/auth/me").0, 401, "our own API takes no fake token");
    assert_eq!(as_bearer.post("/v1/guard", &serde_json::json!({ "token": fake })).0, 401);
    server.stop();
}
