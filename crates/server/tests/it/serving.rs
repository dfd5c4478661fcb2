//! A running server: what it answers outside the API, and how it stops.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::on_both;
use crate::support::{Bed, Http, PATIENCE, Serving, wait_for};

on_both!(
    it_says_that_it_lives_and_is_ready,
    a_request_in_flight_is_finished_after_sigterm,
    idle_connections_do_not_delay_the_end,
);

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

fn it_says_that_it_lives_and_is_ready(bed: Bed) {
    let server = bed.serve();
    let http = Http::new(&server.url, "");
    assert_eq!(http.get("/health/live").0, 200);
    assert_eq!(http.get("/health/ready").0, 200);
    Http::new(&server.url, &bed.access_key()).check("alice", "read", "documents");
    let (status, metrics) = http.get("/metrics");
    let metrics = metrics.as_str().unwrap();
    assert_eq!(status, 200);
    for name in
        ["portcullis_http_requests_total", "portcullis_grant_cache_bytes", "portcullis_token_cache_entries 1"]
    {
        assert!(metrics.contains(name), "{name} is not in:\n{metrics}");
    }
    server.stop();
}

fn a_request_in_flight_is_finished_after_sigterm(bed: Bed) {
    let mut server = bed.serve();
    let (at, key) = (address(&server.url), bed.access_key());
    let body = r#"{"roleId": "ro_late", "name": "Late", "permissions": []}"#;
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "POST /v1/roles HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    )
    .unwrap();
    let mut answer = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    answer.read_line(&mut line).unwrap();
    // The handler waits for the body now: the request is in flight.
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");

    server.terminate();
    wait_for("the listener to close", || TcpStream::connect(at).is_err().then_some(()));
    stream.write_all(body.as_bytes()).unwrap();
    let mut rest = String::new();
    answer.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("HTTP/1.1 201") || rest.contains("HTTP/1.1 200"), "{rest}");
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
    let shown: Value = bed.run(&["role", "show", "ro_late"]).json();
    assert_eq!(shown["name"], "Late");
}

fn idle_connections_do_not_delay_the_end(bed: Bed) {
    let server = bed.serve();
    let at = address(&server.url);
    let _silent = TcpStream::connect(at).unwrap();
    let mut kept = TcpStream::connect(at).unwrap();
    kept.write_all(b"GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut byte = [0];
    kept.read_exact(&mut byte).unwrap();
    server.stop();
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let bed = Bed::sqlite();
    let server = bed.serve();
    let mut stream = TcpStream::connect(address(&server.url)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The server may answer and hang up before it has read all.
    let _sent = write!(stream, "GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "a".repeat(500_000));
    let mut answer = Vec::new();
    let _ended = stream.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 431") || answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(Http::new(&server.url, "").get("/health/live").0, 200);
    server.stop();
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for_and_refused_with_408() {
    let bed = Bed::sqlite();
    let mut command = bed.serve_command();
    command.env("PORTCULLIS_HEADER_TIMEOUT_SECS", "1");
    let server = Serving::start(command, &bed.folder.path().join("server.log")).unwrap();
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    for (path, kind, says) in [
        ("/v1/auth/login", json, r#""errorCode":"RequestTimeout""#),
        ("/oauth2/token", form, r#""error":"invalid_request""#),
        ("/oauth2/authorize", form, "<h1>This took too long</h1>"),
        ("/oauth2/logout", form, "<h1>This took too long</h1>"),
        ("/login", form, "<h1>This took too long</h1>"),
    ] {
        let mut stream = TcpStream::connect(address(&server.url)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: {kind}\r\nContent-Length: 90\r\n\r\n{{"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), "{path}: {answer}");
        assert!(answer.contains(says), "{path}: {answer}");
    }
    server.stop();
}

#[test]
fn a_head_that_does_not_come_ends_the_connection_also_behind_a_whole_request() {
    let bed = Bed::sqlite();
    let mut command = bed.serve_command();
    command.env("PORTCULLIS_HEADER_TIMEOUT_SECS", "1");
    let server = Serving::start(command, &bed.folder.path().join("server.log")).unwrap();
    let whole = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";
    for (sent, answers) in [("GET /health/live HTTP/1.1\r\nHost:", 0), (whole, 1)] {
        let mut stream = TcpStream::connect(address(&server.url)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        // Read to the end that the server makes.
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer.matches("HTTP/1.1 200").count(), answers, "{answer}");
    }
    server.stop();
}
