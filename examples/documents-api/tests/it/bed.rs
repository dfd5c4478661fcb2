//! The application on a free port, in both ways, with one person in it.

use documents_api::{Backend, router};
use portcullis::{Cx, Portcullis, organization, sign_in};
use portcullis_testkit::TestServer;
use portcullis_types::Sensitive;
use portcullis_types::auth::RegisterBody;
use portcullis_types::organization::OrganizationBody;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const EMAIL: &str = "alice@example.com";
pub(crate) const PASSWORD: &str = "a long walk by the quiet river";

/// The application, and what it stands on.
pub(crate) struct Bed {
    pub(crate) url: String,
    pub(crate) portcullis: Portcullis,
    server: Option<TestServer>,
    task: tokio::task::JoinHandle<()>,
    _folder: TempDir,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) challenge: String,
    pub(crate) body: Value,
}

impl Bed {
    /// Portcullis in the application's process.
    pub(crate) async fn embedded() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("app.db").display());
        let backend = Backend::embedded(&url).await.unwrap();
        let Backend::Embedded(portcullis) = &backend else { unreachable!() };
        Self::with(backend.clone(), portcullis.clone(), None, folder).await
    }

    /// Against a server.
    pub(crate) async fn remote() -> Self {
        let server = TestServer::start().await.unwrap();
        let backend = Backend::server(&server.url(), server.access_key()).unwrap();
        let portcullis = server.portcullis().clone();
        Self::with(backend, portcullis, Some(server), TempDir::new().unwrap()).await
    }

    async fn with(
        backend: Backend,
        portcullis: Portcullis,
        server: Option<TestServer>,
        folder: TempDir,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router(backend)).await.unwrap() });
        let bed = Self { url, portcullis, server, task, _folder: folder };
        bed.seed().await;
        bed
    }

    /// Alice, and the organization that she owns.
    async fn seed(&self) {
        let cx = Cx::local("test");
        let password = Sensitive::new(PASSWORD);
        let body = RegisterBody { email: EMAIL.into(), password, name: Some("Alice".into()), pool: None };
        let sign_in::Registered::Created(alice) =
            sign_in::register(&self.portcullis, &cx, body).await.unwrap()
        else {
            panic!("there is no mailer")
        };
        let organization = OrganizationBody {
            name: "Wonderland".into(),
            owner: Some(alice.user_id),
            ..OrganizationBody::default()
        };
        organization::create(&self.portcullis, &cx, organization).await.unwrap();
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        let request = reqwest::Client::new().get(format!("{}{path}", self.url));
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        answer(request).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url)).json(body);
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        answer(request).await
    }

    /// Signs Alice in, through the application.
    pub(crate) async fn login(&self) -> String {
        let body = json!({ "email": EMAIL, "password": PASSWORD });
        let answer = self.post("/api/v1/app/login", "", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn end(self) {
        self.task.abort();
        match self.server {
            Some(server) => server.shutdown().await,
            None => self.portcullis.close().await,
        }
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let challenge = response.headers().get("www-authenticate");
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, challenge, body }
}

/// Runs a promise embedded.
macro_rules! embedded {
    ($($name:ident),* $(,)?) => { $( mod $name {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn embedded() {
            let bed = $crate::bed::Bed::embedded().await;
            super::$name(&bed).await;
            bed.end().await;
        }
    } )* };
}
pub(crate) use embedded;

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
