//! HTTPS, with a certificate of `dev-cert` and a real client; and what a proxy in front may say (AS-24).

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Bed, Done, PATIENCE, Serving, block_on, program, run, wait_for};

/// A certificate of `dev-cert`, in a folder of the bed.
struct Certificate(PathBuf);

impl Certificate {
    fn make(bed: &Bed, folder: &str, hosts: &[&str]) -> Self {
        let folder = bed.folder.path().join(folder);
        make(&folder, hosts).text();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn flags(&self) -> [String; 4] {
        let path = |name: &str| self.file(name).to_str().unwrap().to_owned();
        ["--tls-cert".to_owned(), path("dev-cert.pem"), "--tls-key".to_owned(), path("dev-key.pem")]
    }

    /// A client that trusts this authority alone.
    fn client(&self) -> reqwest::ClientBuilder {
        let authority = std::fs::read(self.file("dev-ca.pem")).unwrap();
        let authority = reqwest::Certificate::from_pem(&authority).unwrap();
        reqwest::Client::builder().tls_certs_only([authority]).no_proxy()
    }
}

fn make(folder: &Path, hosts: &[&str]) -> Done {
    let mut command = program();
    command.args(["dev-cert", "--out"]).arg(folder);
    hosts.iter().for_each(|host| {
        command.args(["--host", host]);
    });
    run(&mut command)
}

fn serve(bed: &Bed, certificate: &Certificate, configure: impl FnOnce(&mut Command)) -> Serving {
    let mut command = bed.serve_command();
    command.args(certificate.flags());
    configure(&mut command);
    Serving::start(command, &bed.folder.path().join("server.log")).unwrap()
}

fn address(server: &Serving) -> SocketAddr {
    server.url.strip_prefix("https://").unwrap().parse().unwrap()
}

/// The status and the body of a `GET`; `None` without an answer.
fn get(client: reqwest::ClientBuilder, url: &str, headers: &[(&str, &str)]) -> Option<(u16, Value)> {
    let client = client.build().unwrap();
    block_on(async {
        let request =
            headers.iter().fold(client.get(url), |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        assert_eq!(answer.version(), reqwest::Version::HTTP_11);
        let text = answer.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    })
}

#[test]
fn clients_that_trust_the_authority_reach_the_server_by_each_of_its_names() {
    let bed = Bed::sqlite();
    let certificate = Certificate::make(&bed, "tls", &["id.example.test"]);
    let server = serve(&bed, &certificate, |_| {});
    let port = address(&server).port();
    assert_eq!(server.url, format!("https://127.0.0.1:{port}"));
    for host in ["127.0.0.1", "localhost", "id.example.test"] {
        let client = certificate.client().resolve("id.example.test", address(&server));
        let client = client.resolve("localhost", address(&server));
        let answer = get(client, &format!("https://{host}:{port}/health/live"), &[]);
        assert_eq!(answer.map(|answer| answer.0), Some(200), "{host}");
    }
    let (_, configuration) =
        get(certificate.client(), &format!("{}/.well-known/openid-configuration", server.url), &[]).unwrap();
    assert_eq!(configuration["issuer"], server.url);
    let (_, metadata) =
        get(certificate.client(), &format!("{}/.well-known/oauth-protected-resource", server.url), &[])
            .unwrap();
    assert_eq!(metadata["resource"], server.url);

    // A name that the certificate does not have, an authority that nobody trusts, and no TLS at all.
    let other = certificate.client().resolve("other.example.test", address(&server));
    assert!(get(other, &format!("https://other.example.test:{port}/health/live"), &[]).is_none());
    let stranger = Certificate::make(&bed, "stranger", &[]);
    assert!(get(stranger.client(), &format!("{}/health/live", server.url), &[]).is_none());
    let mut plain = TcpStream::connect(address(&server)).unwrap();
    plain.write_all(b"GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ended = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    server.stop();
}

#[test]
fn commands_reach_a_server_by_https() {
    let bed = Bed::sqlite();
    let certificate = Certificate::make(&bed, "tls", &[]);
    let server = serve(&bed, &certificate, |_| {});
    let key = bed.access_key();
    let keys = |arguments: &[&str]| {
        let mut command = program();
        command.args(["keys"]).args(arguments).args(["--json", "--server", &server.url]);
        run(command.env("PORTCULLIS_KEY", &key).env("SSL_CERT_FILE", certificate.file("dev-ca.pem")))
    };
    let listed = keys(&["list"]).json();
    assert_eq!(
        (&listed["keys"][0]["algorithm"], &listed["keys"][0]["state"]),
        (&"EdDSA".into(), &"active".into())
    );
    let made = keys(&["rotate", "--algorithm", "ES256"]).json();
    assert_eq!((&made["algorithm"], &made["state"]), (&"ES256".into(), &"active".into()));
    let next = keys(&["rotate"]).json();
    assert_eq!(next["state"], "next");
    assert!(keys(&["rotate"]).refusal(2).contains("next already"));
    keys(&["revoke", next["keyId"].as_str().unwrap()]).text();
    assert!(keys(&["revoke", next["keyId"].as_str().unwrap()]).refusal(2).contains("not found"));
    // The same, on the database.
    let here = bed.run(&["keys", "list", "--algorithm", "ES256", "--json"]).json();
    assert_eq!(here["keys"].as_array().unwrap().len(), 1);
    assert_eq!(here["keys"][0]["keyId"], made["keyId"]);
    server.stop();
}

#[test]
fn a_silent_client_holds_nobody_up() {
    let bed = Bed::sqlite();
    let certificate = Certificate::make(&bed, "tls", &[]);
    let server = serve(&bed, &certificate, |_| {});
    let silent: Vec<_> = (0..20).map(|_| TcpStream::connect(address(&server)).unwrap()).collect();
    let answer = get(certificate.client().timeout(PATIENCE), &format!("{}/health/live", server.url), &[]);
    assert_eq!(answer.unwrap().0, 200);
    // Nor the end: nothing was asked yet.
    server.stop();
    drop(silent);
}

#[test]
fn a_certificate_that_is_replaced_is_served_without_a_restart() {
    let bed = Bed::sqlite();
    let (first, second) = (Certificate::make(&bed, "tls", &[]), Certificate::make(&bed, "new", &[]));
    let server = serve(&bed, &first, |_| {});
    let live = format!("{}/health/live", server.url);
    let answers = |certificate: &Certificate| get(certificate.client(), &live, &[]).is_some();
    assert!(answers(&first) && !answers(&second));
    // One after the other: between the two, certificate and key do not match, and the ones before are served on.
    std::fs::copy(second.file("dev-cert.pem"), first.file("dev-cert.pem")).unwrap();
    wait_for("the pair to be refused", || {
        assert!(answers(&first));
        server.log().contains("the one before is served on").then_some(())
    });
    std::fs::copy(second.file("dev-key.pem"), first.file("dev-key.pem")).unwrap();
    wait_for("the new certificate", || answers(&second).then_some(()));
    assert!(!answers(&first));
    server.stop();
}

#[test]
fn a_start_without_a_pair_that_can_be_used_is_refused_and_names_the_file() {
    let bed = Bed::sqlite();
    let (one, other) = (Certificate::make(&bed, "one", &[]), Certificate::make(&bed, "other", &[]));
    let path = |certificate: &Certificate, name: &str| certificate.file(name).to_str().unwrap().to_owned();
    let (cert, key) = (path(&one, "dev-cert.pem"), path(&one, "dev-key.pem"));
    let refused = |arguments: &[&str]| run(bed.serve_command().args(arguments)).refusal(2);
    assert!(refused(&["--tls-cert", &cert]).contains("tls_key: expected a path, since `tls_cert` is given"));
    assert!(refused(&["--tls-key", &key]).contains("tls_cert: expected a path, since `tls_key` is given"));
    let missing = refused(&["--tls-cert", "/nowhere/cert.pem", "--tls-key", &key]);
    assert!(missing.contains("tls_cert: /nowhere/cert.pem: cannot be read"), "{missing}");
    let swapped = refused(&["--tls-cert", &key, "--tls-key", &cert]);
    assert!(swapped.contains("tls_cert: ") && swapped.contains("expected certificates in PEM"), "{swapped}");
    let no_key = refused(&["--tls-cert", &cert, "--tls-key", &cert]);
    assert!(no_key.contains(&format!("tls_key: {cert}: expected an unencrypted private key")), "{no_key}");
    let theirs = path(&other, "dev-key.pem");
    let mismatch = refused(&["--tls-cert", &cert, "--tls-key", &theirs]);
    assert!(
        mismatch.contains(&format!(
            "tls_key: {theirs}: expected the private key of the first certificate in {cert}"
        )),
        "{mismatch}"
    );
}

#[test]
fn a_development_key_is_its_owner_s_alone_and_nothing_is_replaced() {
    let bed = Bed::sqlite();
    let certificate = Certificate::make(&bed, "tls", &[]);
    let mode = std::fs::metadata(certificate.file("dev-key.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = std::fs::read(certificate.file("dev-cert.pem")).unwrap();
    assert!(make(&certificate.0, &[]).refusal(2).contains("exists already"));
    assert_eq!(std::fs::read(certificate.file("dev-cert.pem")).unwrap(), before);
    let told = make(&bed.folder.path().join("again"), &["id.example.test"]).text();
    for part in ["REQUESTS_CA_BUNDLE=", "curl --cacert", "SSL_CERT_FILE=", "--tls-cert", "id.example.test"] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    assert!(make(&bed.folder.path().join("bad"), &["bücher.example"]).refusal(2).contains("--host"));
}

#[test]
fn as_24_only_public_url_names_the_issuer_and_links_whatever_a_proxy_or_a_client_says() {
    let bed = Bed::sqlite();
    for trusted in ["192.0.2.0/24", "127.0.0.0/8"] {
        let mut command = bed.serve_command();
        command.args(["--public-url", "https://id.example.test"]).env("PORTCULLIS_TRUSTED_PROXIES", trusted);
        let server = Serving::start(command, &bed.folder.path().join("server.log")).unwrap();
        let forged = [
            ("forwarded", "for=203.0.113.9;host=evil.test;proto=http"),
            ("x-forwarded-host", "evil.test"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-port", "1"),
            ("x-forwarded-prefix", "/evil"),
            ("x-original-url", "/evil"),
            ("x-client-cert", "evil"),
            ("host", "evil.test"),
        ];
        for path in
            ["/.well-known/openid-configuration", "/.well-known/oauth-protected-resource", "/v1/roles"]
        {
            let url = format!("{}{path}", server.url);
            let plain = || reqwest::Client::builder().no_proxy();
            let (status, document) = get(plain(), &url, &forged).unwrap();
            let (expected, honest) = get(plain(), &url, &[]).unwrap();
            assert_eq!(status, expected, "{path} {trusted}");
            if status == 200 {
                assert_eq!(document, honest, "{path} {trusted}");
                assert!(!document.to_string().contains("evil"), "{document}");
                assert!(document.to_string().contains("https://id.example.test"), "{document}");
            }
        }
        server.stop();
    }
}
