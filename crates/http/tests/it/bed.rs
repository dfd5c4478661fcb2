//! A server for each test: a database in a folder of its own, an owner, a port that the system chooses.

use std::net::SocketAddr;

use portcullis::jose::MasterKey;
use portcullis::store::{OpenOptions, open};
use portcullis::{HashCost, PasswordSettings, Portcullis, Settings, SystemClock, SystemRng};
use portcullis_http::HttpOptions;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::wire::{Answer, Wire};

/// A running server.
pub(crate) struct Bed {
    pub(crate) address: SocketAddr,
    pub(crate) owner_key: String,
    pub(crate) portcullis: Portcullis,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Bed {
    pub(crate) async fn start() -> Self {
        // Every call comes from one address, and most tests are not about how often it may ask.
        Self::with(HttpOptions { credential_rate_per_minute: 0, ..HttpOptions::default() }).await
    }

    pub(crate) async fn with(options: HttpOptions) -> Self {
        Self::with_settings(options, |_| {}).await
    }

    /// With other settings of the engine too.
    pub(crate) async fn with_settings(options: HttpOptions, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&format!("sqlite://{}/p.db", folder.path().display()), OpenOptions::default())
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let key = MasterKey::from_bytes([7; 32]);
        let made = portcullis::bootstrap(&*store, &key, &SystemClock, &SystemRng, |_| Ok(())).await.unwrap();
        let owner_key = String::from_utf8(made.access_key.unwrap().expose().to_vec()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cost = HashCost { memory_kib: 8, iterations: 1, parallelism: 1 };
        let mut settings = Settings {
            node: "node-a".to_owned(),
            passwords: PasswordSettings { cost, ..PasswordSettings::default() },
            ..Settings::new(format!("http://{address}"), key)
        };
        change(&mut settings);
        let portcullis = Portcullis::start(store, settings).await.unwrap();
        let router = portcullis_http::router(portcullis.clone(), options);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, owner_key, portcullis, serving, _folder: folder }
    }

    /// Calls as the owner.
    pub(crate) fn owner(&self) -> Wire {
        Wire { address: self.address, bearer: Some(self.owner_key.clone()) }
    }

    /// Calls without a bearer.
    pub(crate) fn nobody(&self) -> Wire {
        Wire { address: self.address, bearer: None }
    }

    /// Calls as a user, with a token that can do nothing but what every user may.
    pub(crate) async fn user(&self, user_id: &str) -> Wire {
        let body = json!({ "statements": [{ "roles": ["Authress:Owner"], "resources": [{ "resourceUri": "docs" }] }] });
        let answer = self.owner().send("POST", &format!("/v1/users/{user_id}/tokens"), Some(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        Wire { address: self.address, bearer: Some(token) }
    }

    /// Gives a user the permission `read` on a resource; returns the record's id.
    pub(crate) async fn grant(&self, user_id: &str, resource: &str) -> String {
        let owner = self.owner();
        let role = json!({ "roleId": "ro_reader", "name": "Reader",
            "permissions": [{ "action": "read", "allow": true, "grant": false, "delegate": false }] });
        let made = owner.send("POST", "/v1/roles", Some(role)).await;
        assert!(matches!(made.status, 201 | 409), "{made:?}");
        let answer = owner.send("POST", "/v1/records", Some(record(user_id, resource))).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["recordId"].as_str().unwrap().to_owned()
    }

    /// Whether the owner is told that a user has `read`. The path's segments are written as they are given.
    pub(crate) async fn check(&self, user: &str, resource: &str) -> Answer {
        self.owner().get(&format!("/v1/users/{user}/resources/{resource}/permissions/read")).await
    }
}

/// The body of a record that makes a user a reader of a resource.
pub(crate) fn record(user_id: &str, resource: &str) -> Value {
    json!({ "name": "r", "users": [{ "userId": user_id }],
        "statements": [{ "roles": ["ro_reader"], "resources": [{ "resourceUri": resource }] }] })
}
