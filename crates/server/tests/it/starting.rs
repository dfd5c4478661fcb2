//! The first start, the next one, and other nodes: who writes which file, and which key is needed.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};

use crate::on_both;
use crate::support::{Bed, Http, PATIENCE, block_on, program, read_json, run};

on_both!(
    bootstrap_makes_an_installation_once,
    serve_accepts_a_folder_that_exists,
    a_crash_between_commit_and_rename_loses_no_key,
    the_wrong_master_key_is_refused_by_the_name_of_its_file,
    the_master_key_may_come_from_elsewhere,
    nothing_secret_is_logged,
    au_24_there_is_no_default_account_and_every_bootstrap_key_is_another,
    au_24_a_bootstrap_key_is_renewed_by_one_command_and_the_old_one_is_dead,
    au_24_an_old_key_that_is_not_deleted_is_named_with_the_command_that_does_it,
    au_24_a_start_warns_of_a_bootstrap_key_that_has_become_old,
);

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn bootstrap_makes_an_installation_once(bed: Bed) {
    let first = bed.run(&["bootstrap", "--json"]).json();
    assert!(first["account_id"].as_str().unwrap().starts_with("acc-"));
    assert!(first["access_key"].as_str().unwrap().starts_with(first["client_id"].as_str().unwrap()));
    assert_eq!(bed.bootstrap(), first);
    assert_eq!(bed.run(&["bootstrap", "--json"]).json(), first);
    let human = bed.run(&["bootstrap"]).text();
    assert!(human.contains("bootstrap.json") && !human.contains(first["access_key"].as_str().unwrap()));
    assert_eq!(mode(&bed.data_dir()), 0o700);
    for file in std::fs::read_dir(bed.data_dir()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    assert!(bed.run(&["migrate"]).text().contains("is up to date"));
}

fn serve_accepts_a_folder_that_exists(bed: Bed) {
    let server = bed.serve();
    assert!(server.printed.iter().any(|line| line.contains("bootstrap.json")), "{:?}", server.printed);
    let (made, url) = (bed.bootstrap(), server.url.clone());
    let token = bed.run(&["token", "create", "alice", "--public-url", "https://id.example.org"]).text();
    server.stop();

    let mut command = bed.serve_command();
    command.args(["--public-url", "https://id.example.org"]);
    let server = crate::support::Serving::start(command, &bed.folder.path().join("again.log")).unwrap();
    assert_ne!(server.url, url);
    assert_eq!(bed.bootstrap(), made);
    assert_eq!(Http::new(&server.url, &bed.access_key()).get("/v1/roles").0, 200);
    assert_eq!(Http::new(&server.url, token.trim()).get("/v1/users/alice/resources").0, 200);
    server.stop();
}

fn a_crash_between_commit_and_rename_loses_no_key(bed: Bed) {
    let made = bed.run(&["bootstrap", "--json"]).json();
    let path = bed.data_dir().join("bootstrap.json");
    std::fs::rename(&path, bed.data_dir().join("bootstrap.json.new")).unwrap();
    let server = bed.serve();
    assert_eq!(bed.bootstrap(), made);
    server.stop();
    assert!(!bed.data_dir().join("bootstrap.json.new").exists());
}

fn the_wrong_master_key_is_refused_by_the_name_of_its_file(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    let path = bed.data_dir().join("master.key");
    let right = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, "11".repeat(32)).unwrap();
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["check", "a", "b", "c"]] {
        let done = bed.run(arguments);
        assert_eq!(done.code, 2);
        let last = done.stderr.lines().last().unwrap();
        assert!(
            last.contains(path.to_str().unwrap()) && last.contains("copy the file master.key"),
            "{done:?}"
        );
        assert!(!done.stdout.contains("listening"));
    }
    std::fs::remove_file(&path).unwrap();
    let refusal = bed.run(&["check", "a", "b", "c"]).refusal(2);
    assert!(
        refusal.contains("copy the file master.key") && refusal.contains(path.to_str().unwrap()),
        "{refusal}"
    );
    assert!(!path.exists(), "a key that opens nothing is not made");
    std::fs::write(&path, right).unwrap();
    bed.serve().stop();
}

fn the_master_key_may_come_from_elsewhere(bed: Bed) {
    let key = "5a".repeat(32);
    let file = bed.file("key", &format!("{key}\n"));
    run(program().arg("bootstrap").args(bed.storage()).env("PORTCULLIS_MASTER_KEY_FILE", &file)).text();
    assert!(!bed.data_dir().join("master.key").exists());
    let ask = |name: &str, value: &str| {
        run(program().args(["check", "a", "b", "c"]).args(bed.storage()).env(name, value))
    };
    assert_eq!(ask("PORTCULLIS_MASTER_KEY", &key).code, 1);
    let refusal = ask("PORTCULLIS_MASTER_KEY", "short").refusal(2);
    assert!(
        refusal.contains("PORTCULLIS_MASTER_KEY holds no master key") && !refusal.contains("short"),
        "{refusal}"
    );
}

#[test]
fn another_node_needs_the_master_key_and_writes_no_access_key() {
    let bed = Bed::postgres();
    bed.run(&["bootstrap"]).text();
    let second = bed.folder.path().join("second");
    let refusal = run(program().arg("bootstrap").args(bed.storage_in(&second))).refusal(2);
    assert!(refusal.contains("second/master.key"), "{refusal}");
    std::fs::copy(bed.data_dir().join("master.key"), second.join("master.key")).unwrap();
    run(program().arg("bootstrap").args(bed.storage_in(&second))).text();
    let (first, other) = (bed.bootstrap(), read_json(&second.join("bootstrap.json")));
    assert_eq!(other["account_id"], first["account_id"]);
    assert_eq!(other["client_id"], first["client_id"]);
    assert!(other.get("access_key").is_none(), "{other}");
}

/// Two processes on one new folder: one makes the installation, and both know it.
#[test]
fn two_first_starts_at_once_make_one_installation() {
    for bed in [Bed::sqlite(), Bed::postgres()] {
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| bed.run(&["bootstrap"]).text());
            }
        });
        assert!(bed.bootstrap()["access_key"].is_string());
        assert_eq!(bed.run(&["check", "a", "b", "c"]).code, 1);
    }
}

fn nothing_secret_is_logged(bed: Bed) {
    let mut command = bed.serve_command();
    command.env("PORTCULLIS_LOG_FILTER", "trace").env("PORTCULLIS_LOG_FORMAT", "json");
    let server = crate::support::Serving::start(command, &bed.folder.path().join("server.log")).unwrap();
    let key = bed.access_key();
    let http = Http::new(&server.url, &key);
    assert_eq!(http.get("/v1/roles").0, 200);
    let made = http.post("/v1/clients", &serde_json::json!({"name": "canary"}));
    let (status, made_key) = http.post(
        &format!("/v1/clients/{}/access-keys", made.1["clientId"].as_str().unwrap()),
        &serde_json::json!({}),
    );
    assert!(status < 300, "{made_key}");
    let token = bed.run(&["token", "create", "alice", "--public-url", &server.url]).text();
    assert_eq!(Http::new(&server.url, token.trim()).get("/v1/users/alice/resources").0, 200);
    assert_eq!(Http::new(&server.url, &format!("{}x", token.trim())).get("/v1/roles").0, 401);
    let log = server.log();
    server.stop();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["node"].as_str().unwrap().starts_with("node-"), "{line}");
    }
    let master = std::fs::read_to_string(bed.data_dir().join("master.key")).unwrap();
    let private = |key: &str| key.rsplit('.').next().unwrap().to_owned();
    let made_key = made_key["accessKey"].as_str().unwrap();
    for secret in [&private(&key), &private(made_key), master.trim(), &private(token.trim())] {
        assert!(secret.len() > 20 && !log.contains(secret), "a secret is in the log");
    }
}

fn au_24_there_is_no_default_account_and_every_bootstrap_key_is_another(bed: Bed) {
    let server = bed.serve();
    assert_eq!(bed.run(&["user", "list"]).text(), "");
    let http = Http::new(&server.url, "");
    for email in ["admin", "admin@example.org", "root@localhost"] {
        for password in ["admin", "password", "portcullis", "changeme"] {
            let body = serde_json::json!({ "email": email, "password": password });
            assert!(matches!(http.post("/v1/auth/login", &body).0, 400 | 401), "{email} {password}");
        }
    }
    let key = bed.access_key();
    server.stop();
    let other = Bed::sqlite();
    other.run(&["bootstrap"]).text();
    let half = |key: &str| key.rsplit('.').next().unwrap().to_owned();
    assert_ne!(half(&key), half(&other.access_key()));
    // It is told once: who lost its file gets no other.
    std::fs::remove_file(bed.data_dir().join("bootstrap.json")).unwrap();
    let again = bed.run(&["bootstrap", "--json"]).json();
    assert!(again.get("access_key").is_none_or(serde_json::Value::is_null), "{again}");
}

fn au_24_a_bootstrap_key_is_renewed_by_one_command_and_the_old_one_is_dead(bed: Bed) {
    let server = bed.serve();
    let before = bed.bootstrap();
    let old = Http::new(&server.url, &bed.access_key());
    assert_eq!(old.get("/v1/roles").0, 200);
    let told = bed.run(&["bootstrap", "--renew-key"]).text();
    let after = bed.bootstrap();
    assert!(!told.contains(after["access_key"].as_str().unwrap()), "{told}");
    assert_eq!((&after["account_id"], &after["client_id"]), (&before["account_id"], &before["client_id"]));
    assert_ne!(after["access_key"], before["access_key"]);
    assert_eq!(mode(&bed.data_dir().join("bootstrap.json")), 0o600);
    assert_eq!(Http::new(&server.url, &bed.access_key()).get("/v1/roles").0, 200);
    let asked = Instant::now();
    while old.get("/v1/roles").0 != 401 {
        assert!(asked.elapsed() < PATIENCE, "the key that was replaced still works");
        std::thread::sleep(Duration::from_millis(20));
    }
    let owner = before["client_id"].as_str().unwrap();
    let keys =
        || bed.run(&["client", "show", owner, "--json"]).json()["verificationKeys"].as_array().unwrap().len();
    assert_eq!(keys(), 1);
    // Where the key was moved elsewhere there is none to delete: the command says so.
    let mut moved = after;
    moved.as_object_mut().unwrap().remove("access_key");
    std::fs::write(bed.data_dir().join("bootstrap.json"), moved.to_string()).unwrap();
    let renewed = bed.run(&["bootstrap", "--renew-key", "--json"]);
    assert!(renewed.stderr.contains("held no key"), "{renewed:?}");
    assert!(renewed.json()["access_key"].is_string());
    assert_eq!(keys(), 2);
    let mut broken = bed.bootstrap();
    broken["access_key"] = "no key".into();
    std::fs::write(bed.data_dir().join("bootstrap.json"), broken.to_string()).unwrap();
    let renewed = bed.run(&["bootstrap", "--renew-key"]);
    assert!(renewed.code == 0 && renewed.stderr.contains("held what is no access key"), "{renewed:?}");
    assert!(renewed.stderr.contains(owner), "{renewed:?}");
    assert_eq!(keys(), 3);
    server.stop();
}

fn au_24_an_old_key_that_is_not_deleted_is_named_with_the_command_that_does_it(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    let (before, old) = (bed.bootstrap(), bed.access_key());
    let owner = before["client_id"].as_str().unwrap();
    let (refuse, allow) = if bed.postgres.is_some() {
        (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
             CREATE TRIGGER refuse BEFORE DELETE ON pc_access_key FOR EACH ROW EXECUTE FUNCTION refuse()",
            "DROP TRIGGER refuse ON pc_access_key",
        )
    } else {
        (
            "CREATE TRIGGER refuse BEFORE DELETE ON pc_access_key BEGIN SELECT RAISE(ABORT, 'no'); END",
            "DROP TRIGGER refuse",
        )
    };
    execute(&bed, refuse);
    let told = bed.run(&["bootstrap", "--renew-key"]).refusal(2);
    let command = ["client", "key", "delete", owner, old.split('.').nth(1).unwrap()];
    assert!(told.contains(&format!("`portcullis {}`", command.join(" "))), "{told}");
    let renewed = bed.access_key();
    assert_ne!(renewed, old);
    execute(&bed, allow);
    let opens = |key: &str| {
        let server = bed.serve();
        let status = Http::new(&server.url, key).get("/v1/roles").0;
        server.stop();
        status
    };
    assert_eq!((opens(&renewed), opens(&old)), (200, 200));
    bed.run(&command).text();
    assert_eq!((opens(&renewed), opens(&old)), (200, 401));
}

/// Runs SQL on the database while no server does.
fn execute(bed: &Bed, sql: &'static str) {
    block_on(async {
        if let Some(postgres) = &bed.postgres {
            postgres.execute(sql).await.unwrap();
        } else {
            let url = format!("sqlite://{}", bed.data_dir().join("portcullis.db").display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    });
}

fn au_24_a_start_warns_of_a_bootstrap_key_that_has_become_old(bed: Bed) {
    let old = "--renew-key";
    bed.run(&["bootstrap"]).text();
    let server = bed.serve();
    assert!(!server.log().contains(old));
    server.stop();
    let sql = "UPDATE pc_access_key SET created_at = created_at - 30 * 86400000000";
    execute(&bed, sql);
    let server = bed.serve();
    let log = server.log();
    assert!(log.contains(old) && log.contains("days=30"), "{log}");
    assert!(server.printed.iter().all(|line| !line.contains(old)));
    server.stop();
    bed.run(&["bootstrap", old]).text();
    let server = bed.serve();
    assert_eq!(server.log().matches(old).count(), 1, "of another key nothing is said: {}", server.log());
    server.stop();
}
