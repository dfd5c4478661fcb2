//! Applications by commands, on the database and against a server.

use serde_json::json;

use crate::on_both;
use crate::support::{Bed, Done, program, run};

on_both!(
    applications_and_their_secrets_are_managed_by_commands,
    a_document_gives_applications_fixed_ids_and_secrets,
);

const WEB: &str =
    r#"{"name": "Web shop", "kind": "web", "redirectUris": ["https://web.example/cb"], "firstParty": true}"#;

/// Runs a command, with or without a server in between.
type Way<'a> = &'a dyn Fn(&[&str]) -> Done;

fn applications_and_their_secrets_are_managed_by_commands(bed: Bed) {
    let server = bed.serve();
    let there = |arguments: &[&str]| -> Done {
        let key = bed.data_dir().join("bootstrap.json");
        run(program().args(arguments).args(["--server", &server.url, "--key-file"]).arg(key))
    };
    let here = |arguments: &[&str]| bed.run(arguments);
    let ways: [(&str, Way<'_>); 2] = [("here", &here), ("there", &there)];
    for (id, ask) in ways {
        let create = ["application", "create", "--id", id, "--name", "Web", "--kind", "web"];
        ask(&create).refusal(2);
        let made = ask(&[&create[..], &["--redirect-uri", "https://web.example/cb"]].concat()).text();
        let lines: Vec<&str> = made.lines().collect();
        assert_eq!(lines[0], format!("created {id}"));
        assert!(lines.len() == 2 && lines[1].starts_with("pcs_"), "{made}");
        assert!(
            ask(&["application", "list"]).text().contains(&format!("{id}  ")),
            "{}",
            ask(&["application", "list"]).text()
        );
        let shown = ask(&["application", "show", id]).json();
        assert_eq!((&shown["scopes"][0], &shown["requirePkce"]), (&json!("openid"), &json!(true)));
        assert!(!shown.to_string().contains(lines[1]));
        let file = bed.file("web.json", WEB);
        assert_eq!(ask(&["application", "update", id, "--file", &file]).text(), format!("updated {id}\n"));
        assert_eq!(ask(&["application", "show", id]).json()["firstParty"], true);
        let set = ask(&["application", "update", id, "--set", "firstParty=false", "--set", "name=Shop"]);
        assert_eq!(set.text(), format!("updated {id}\n"));
        let changed = ask(&["application", "show", id]).json();
        assert_eq!((&changed["firstParty"], &changed["name"]), (&json!(false), &json!("Shop")));
        assert_eq!(changed["redirectUris"], json!(["https://web.example/cb"]), "what is not set stays");
        let second = ask(&["application", "secret", "create", id, "--json"]).json();
        ask(&["application", "secret", "create", id]).refusal(2);
        let listed = ask(&["application", "secret", "list", id]).text();
        assert_eq!(listed.lines().count(), 2, "{listed}");
        let secret = second["secretId"].as_str().unwrap();
        ask(&["application", "secret", "delete", id, secret]).text();
        assert_eq!(
            ask(&["application", "secret", "list", id, "--json"]).json()["secrets"].as_array().unwrap().len(),
            1
        );
        assert_eq!(ask(&["application", "delete", id]).text(), format!("deleted {id}\n"));
        ask(&["application", "show", id]).refusal(1);
    }
    let native = [
        "application",
        "create",
        "--name",
        "CLI",
        "--kind",
        "native",
        "--redirect-uri",
        "http://127.0.0.1/cb",
    ];
    assert_eq!(here(&native).text().lines().count(), 1, "a public application has no secret");
    server.stop();
}

fn a_document_gives_applications_fixed_ids_and_secrets(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    let document = r#"
applications:
  - applicationId: web
    name: Web
    kind: web
    redirectUris: ["https://web.example/cb"]
    secret: fixed-secret-of-at-least-32-bytes
"#;
    let file = bed.file("state.yaml", document);
    assert_eq!(bed.run(&["apply", &file, "--dry-run"]).text(), "create application web\n");
    assert_eq!(bed.run(&["apply", &file]).text(), "create application web\n");
    assert_eq!(bed.run(&["apply", &file]).text(), "unchanged application web\n");
    assert!(bed.run(&["application", "secret", "list", "web"]).text().starts_with("fixed"));
    let wrong =
        bed.file("wrong.yaml", &document.replace("kind: web", "kind: web\n    exceptions: {allowAll: true}"));
    let refusal = bed.run(&["apply", &wrong]).refusal(2);
    assert!(refusal.contains("applications[0].exceptions.allowAll"), "{refusal}");
    let short = bed.file("short.yaml", &document.replace("fixed-secret-of-at-least-32-bytes", "short"));
    let refusal = bed.run(&["apply", &short]).refusal(2);
    assert!(refusal.contains("applications[0].secret") && !refusal.contains("short-"), "{refusal}");
}
