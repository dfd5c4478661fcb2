//! A client that writes until the server is gone, and the calls that it makes.

use std::sync::Arc;

use portcullis_testkit::SeededRng;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::ledger::{Content, Entries, Entry, Key, Kind};

/// What every record gives.
pub(crate) const ROLE: &str = "ro_kill_shared";

/// A server, asked as its owner.
pub(crate) struct Server {
    url: String,
    key: String,
    client: Client,
}

/// How a write went.
enum Outcome {
    Confirmed,
    /// The connection broke: nobody knows.
    Unanswered,
}

impl Server {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        Self { url: url.to_owned(), key: key.to_owned(), client: Client::new() }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<(StatusCode, Value)> {
        let request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let response = request.send().await?;
        let status = response.status();
        let bytes = response.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    /// The role that records give; it may be there.
    pub(crate) async fn create_shared_role(&self) {
        let (status, answer) = self.send(Method::POST, "/v1/roles", Some(&role(ROLE, 0))).await.unwrap();
        assert!(status.is_success() || status == StatusCode::CONFLICT, "{status} {answer}");
    }

    pub(crate) async fn expect_role(&self, role_id: &str) {
        let (status, answer) = self.send(Method::GET, &format!("/v1/roles/{role_id}"), None).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    pub(crate) async fn expect_check(&self, user: &str, resource: &str, expected: bool) {
        let resource = resource.replace('/', "%2F");
        let path = format!("/v1/users/{user}/resources/{resource}/permissions/kill:read");
        let (status, answer) = self.send(Method::GET, &path, None).await.unwrap();
        let wanted = if expected { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(status, wanted, "{user} on {resource}: {answer}");
    }

    /// What a thing holds; `None` if it is not there, or no longer counts.
    pub(crate) async fn read(&self, (kind, id): &Key) -> Option<Content> {
        let (status, answer) = self.send(Method::GET, &path(*kind, id), None).await.unwrap();
        if status == StatusCode::NOT_FOUND || answer["status"] == "DELETED" {
            return None;
        }
        assert_eq!(status, StatusCode::OK, "{kind:?} {id}: {answer}");
        Some(content(*kind, &answer))
    }
}

fn path(kind: Kind, id: &str) -> String {
    let collection = match kind {
        Kind::Role => "roles",
        Kind::Group => "groups",
        Kind::Record => "records",
    };
    if id.is_empty() { format!("/v1/{collection}") } else { format!("/v1/{collection}/{id}") }
}

/// Everything that a client says about a thing, whatever the server adds.
fn content(kind: Kind, body: &Value) -> Content {
    let members: &[&str] = match kind {
        Kind::Role => &["roleId", "name", "permissions"],
        Kind::Group => &["groupId", "name", "users"],
        Kind::Record => &["recordId", "name", "users", "statements"],
    };
    members.iter().map(|member| format!("{member}={}\n", body[member])).collect()
}

fn role(id: &str, version: u64) -> Value {
    let permissions: Vec<Value> = (0..=version % 7)
        .map(|number| {
            let action = if number == 0 { "kill:read".to_owned() } else { format!("kill:act{number}") };
            json!({"action": action, "allow": true, "grant": false, "delegate": false})
        })
        .collect();
    json!({"roleId": id, "name": format!("version {version}"), "permissions": permissions})
}

fn group(id: &str, version: u64) -> Value {
    let users: Vec<Value> =
        (0..=version % 20).map(|number| json!({"userId": format!("{id}-{number}")})).collect();
    json!({"groupId": id, "name": format!("version {version}"), "users": users})
}

/// The last statement is the one that checks ask for: a record that is cut short does not allow.
fn record(id: &str, version: u64) -> Value {
    let mut statements: Vec<Value> = (0..version % 20)
        .map(
            |number| json!({"roles": [ROLE], "resources": [{"resourceUri": format!("other/{id}/{number}")}]}),
        )
        .collect();
    statements.push(json!({"roles": [ROLE], "resources": [{"resourceUri": format!("kill/{id}")}]}));
    let users = json!([{"userId": format!("of-{id}")}]);
    json!({"recordId": id, "name": format!("version {version}"), "users": users, "statements": statements})
}

fn body(kind: Kind, id: &str, version: u64) -> Value {
    match kind {
        Kind::Role => role(id, version),
        Kind::Group => group(id, version),
        Kind::Record => record(id, version),
    }
}

/// One client.
pub(crate) struct Writer {
    server: Arc<Server>,
    name: String,
    rng: SeededRng,
    entries: Entries,
}

impl Writer {
    pub(crate) fn new(server: Arc<Server>, name: String, seed: u64) -> Self {
        Self { server, name, rng: SeededRng::new(seed), entries: Entries::new() }
    }

    /// Writes until a call gets no answer, and gives what is known then.
    pub(crate) async fn write_until_the_end(mut self) -> Entries {
        for number in 0.. {
            let version = self.rng.below(1_000);
            let known: Vec<Key> = self
                .entries
                .iter()
                .filter(|(_, entry)| entry.confirmed.is_some())
                .map(|(key, _)| key.clone())
                .collect();
            let picked = self.rng.below(u64::try_from(known.len()).unwrap());
            let picked = known.into_iter().nth(usize::try_from(picked).unwrap());
            let outcome = match (self.rng.below(10), picked) {
                (0 | 1, Some(key)) => self.delete(key).await,
                (2..=4, Some(key)) => self.write(Method::PUT, key, version).await,
                _ => {
                    let kind = [Kind::Role, Kind::Group, Kind::Record][usize::try_from(version % 3).unwrap()];
                    let prefix = match kind {
                        Kind::Role => "ro_",
                        Kind::Group => "grp_",
                        Kind::Record => "rec_",
                    };
                    let id = format!("{prefix}{}-{number}", self.name);
                    self.write(Method::POST, (kind, id), version).await
                }
            };
            if matches!(outcome, Outcome::Unanswered) {
                break;
            }
        }
        self.entries
    }

    async fn write(&mut self, method: Method, key: Key, version: u64) -> Outcome {
        let body = body(key.0, &key.1, version);
        let wanted = Some(content(key.0, &body));
        let path = path(key.0, if method == Method::POST { "" } else { &key.1 });
        self.call(method, &path, (key, Some(&body)), wanted).await
    }

    async fn delete(&mut self, key: Key) -> Outcome {
        let path = path(key.0, &key.1);
        self.call(Method::DELETE, &path, (key, None), None).await
    }

    /// Makes a call that leaves `wanted`, and notes how it went.
    async fn call(
        &mut self,
        method: Method,
        path: &str,
        (key, body): (Key, Option<&Value>),
        wanted: Option<Content>,
    ) -> Outcome {
        let entry = self.entries.entry(key).or_default();
        entry.unanswered = Some(wanted.clone());
        match self.server.send(method, path, body).await {
            Ok((status, answer)) => {
                assert!(status.is_success(), "{path}: {status} {answer}");
                *entry = Entry { confirmed: wanted, unanswered: None };
                Outcome::Confirmed
            }
            Err(_broken) => Outcome::Unanswered,
        }
    }
}
