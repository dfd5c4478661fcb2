//! Bare HTTP/1.1, so that requests go out exactly as they are written.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let first = found.next()?;
        assert!(found.next().is_none(), "{name} is there twice");
        Some(&first.1)
    }

    /// Every header of that name.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let of_name = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// The body of a page.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The part of the request that was refused; every refusal is checked to be a whole problem.
    pub(crate) fn field(&self) -> String {
        let body = self.problem();
        body["field"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn code(&self) -> String {
        self.problem()["errorCode"].as_str().unwrap().to_owned()
    }

    /// Everything, byte for byte, but the time and the order of the headers, which means nothing (RFC 9110 §5.3). Ask with
    /// an `X-Request-Id` to compare two answers.
    pub(crate) fn exactly(&self) -> (u16, Vec<(&str, &str)>, &[u8]) {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut headers: Vec<_> = headers.filter(|(name, _)| *name != "date").collect();
        headers.sort_unstable();
        (self.status, headers, &self.body)
    }

    /// All that an answer tells, but what is another one in every answer: the time and the id of the request.
    pub(crate) fn told(&self) -> (u16, Vec<(String, String)>, Value) {
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        headers.retain(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
        headers.sort();
        let mut body = self.json();
        body.as_object_mut().unwrap().remove("errorId");
        (self.status, headers, body)
    }

    fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status);
        assert_eq!(body["errorId"].as_str(), self.header("x-request-id"));
        assert!(body["title"].is_string() && body["errorCode"].is_string());
        body
    }

    fn parse(raw: &[u8]) -> Self {
        let end = raw.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(raw)));
        let head = std::str::from_utf8(&raw[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header =
            |line: &str| line.split_once(':').map(|(k, v)| (k.to_owned(), v.trim().to_owned())).unwrap();
        Self { status, headers: lines.map(header).collect(), body: raw[end + 4..].to_vec() }
    }
}

/// Calls one server, with one bearer or none. Every call has a connection of its own.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    pub(crate) bearer: Option<String>,
}

impl Wire {
    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, None).await
    }

    pub(crate) async fn send(&self, method: &str, target: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string());
        let headers = if body.is_some() { "Content-Type: application/json\r\n" } else { "" };
        self.call(method, target.as_bytes(), headers, body.unwrap_or_default().as_bytes()).await
    }

    /// `headers` are whole lines, each with its `\r\n`.
    pub(crate) async fn call(&self, method: &str, target: &[u8], headers: &str, body: &[u8]) -> Answer {
        let bearer = self
            .bearer
            .as_ref()
            .map(|bearer| format!("Authorization: Bearer {bearer}\r\n"))
            .unwrap_or_default();
        let mut request = method.as_bytes().to_vec();
        request.push(b' ');
        request.extend(target);
        request.extend(b" HTTP/1.1\r\nHost: portcullis.test\r\nConnection: close\r\n");
        request.extend(bearer.as_bytes());
        request.extend(headers.as_bytes());
        request.extend(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        request.extend(body);
        self.raw(&request).await
    }

    /// Sends these bytes and reads to the end.
    pub(crate) async fn raw(&self, request: &[u8]) -> Answer {
        let talk = async {
            let (mut from, mut to) = TcpStream::connect(self.address).await.unwrap().into_split();
            let mut answer = Vec::new();
            // A server may answer and close before it has read everything: that is no failure of the test.
            let (_written, _read) = tokio::join!(to.write_all(request), from.read_to_end(&mut answer));
            answer
        };
        let answer = timeout(Duration::from_secs(30), talk).await.expect("an answer within 30 seconds");
        Answer::parse(&answer)
    }
}
