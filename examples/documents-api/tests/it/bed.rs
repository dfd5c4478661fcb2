//! The application on a free port, in both ways.

use std::sync::Arc;
use std::time::{Duration, Instant};

use documents_api::{Backend, Shelf, ShelfFull, router};
use portcullis_testkit::TestServer;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::installation::{Installation, PASSWORD};

/// Where documents are created.
pub(crate) const DOCUMENTS: &str = "/api/v1/app/documents";

/// Everything on it works but two titles: there is no room for `too long`, and `torn` is a mistake in the program.
struct WeakShelf;

impl Shelf for WeakShelf {
    fn put(&self, title: &str) -> Result<(), ShelfFull> {
        assert_ne!(title, "torn");
        if title == "too long" { Err(ShelfFull) } else { Ok(()) }
    }
}

/// The application, and what it stands on.
pub(crate) struct Bed {
    pub(crate) url: String,
    pub(crate) installation: Installation,
    task: tokio::task::JoinHandle<()>,
    _folder: TempDir,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) challenge: String,
    /// `Retry-After`.
    pub(crate) retry_after: String,
    /// `Content-Type`.
    pub(crate) kind: String,
    pub(crate) body: Value,
}

impl Bed {
    /// Portcullis in the application's process.
    pub(crate) async fn embedded() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("app.db").display());
        let backend = Backend::embedded(&url).await.unwrap();
        let Backend::Embedded(portcullis) = &backend else { unreachable!() };
        let installation = Installation::Embedded(portcullis.clone());
        Self::with(backend, installation, folder).await
    }

    /// Against a server.
    pub(crate) async fn remote() -> Self {
        let server = TestServer::start().await.unwrap();
        let backend = Backend::server(&server.url(), server.access_key()).unwrap();
        Self::with(backend, Installation::Server(Box::new(server)), TempDir::new().unwrap()).await
    }

    async fn with(backend: Backend, installation: Installation, folder: TempDir) -> Self {
        installation.seed().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = router(backend, Arc::new(WeakShelf));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, installation, task, _folder: folder }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        let request = reqwest::Client::new().get(format!("{}{path}", self.url));
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        answer(request).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.try_post(path, token, body).await.unwrap()
    }

    /// The same where the connection may break.
    pub(crate) async fn try_post(&self, path: &str, token: &str, body: &Value) -> reqwest::Result<Answer> {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url)).json(body);
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        try_answer(request).await
    }

    /// Creates a document.
    pub(crate) async fn create(&self, token: &str, title: &str) -> Answer {
        self.post(DOCUMENTS, token, &json!({ "title": title })).await
    }

    /// Signs somebody in, through the application.
    pub(crate) async fn login(&self, email: &str) -> String {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = self.post("/api/v1/app/login", "", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    /// Waits until so much can be spent and nothing is held: what a panic gives back comes back in the background.
    pub(crate) async fn expect_available(&self, available: i64) {
        let asked = Instant::now();
        loop {
            let balance = self.installation.balance().await;
            if balance == (available, 0) {
                return;
            }
            assert!(asked.elapsed() < Duration::from_secs(5), "available and held are still {balance:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn end(self) {
        self.task.abort();
        self.installation.end().await;
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    try_answer(request).await.unwrap()
}

async fn try_answer(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let header = |name: &str| {
        let value = response.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let (status, challenge, kind) =
        (response.status().as_u16(), header("www-authenticate"), header("content-type"));
    let retry_after = header("retry-after");
    let text = response.text().await?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status, challenge, retry_after, kind, body })
}

/// Runs a promise in both ways.
macro_rules! in_both_ways {
    ($($name:ident),* $(,)?) => { $( mod $name {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn embedded() {
            let bed = $crate::bed::Bed::embedded().await;
            super::$name(&bed).await;
            bed.end().await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn against_a_server() {
            let bed = $crate::bed::Bed::remote().await;
            super::$name(&bed).await;
            bed.end().await;
        }
    } )* };
}
pub(crate) use in_both_ways;
