//! The few calls of the API that the scenarios need.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use portcullis_testkit::TestServer;
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// The owner, over HTTP.
pub(crate) struct Api<'a> {
    server: &'a TestServer,
    http: reqwest::Client,
}

/// One segment of a path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl<'a> Api<'a> {
    pub(crate) fn new(server: &'a TestServer) -> Self {
        Self { server, http: reqwest::Client::new() }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.server.url()));
        request = request.bearer_auth(self.server.access_key());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// A write that must succeed.
    pub(crate) async fn done(&self, method: Method, path: &str, body: Option<&Value>) {
        let (status, answer) = self.call(method, path, body).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
    }

    pub(crate) async fn read(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    /// The members of `list` of every page of a collection, put together.
    pub(crate) async fn all_pages(&self, path: &str, list: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut next = path.to_owned();
        loop {
            let (status, page) = self.read(&next).await;
            assert_eq!(status, StatusCode::OK, "{next}: {page}");
            all.extend(page[list].as_array().cloned().unwrap_or_default());
            match page["links"]["next"]["href"].as_str() {
                Some(href) => next = href.strip_prefix(&self.server.url()).unwrap().to_owned(),
                None => return all,
            }
        }
    }
}
