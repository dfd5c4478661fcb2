//! A server that is asked over HTTP, with the SDK.
//!
//! A question, or something done, is a call of the SDK's area: `remote.client().users().disable(id)`. A thing that is written, shown or
//! listed goes as JSON through the SDK's [`Request`], on purpose: one form serves all kinds of things, and what a newer server says of
//! one is printed, and kept by `update --set`, though this program knows no such member. What a person wrote of the body is checked here
//! by its type before it is sent, so that a typing error is told by its path.

use portcullis_client::{Client, Method, Request};
use serde_json::Value;

pub(crate) use portcullis_client::path;

use super::target::ServerAccess;
use crate::Result;

/// A server.
pub(crate) struct Remote {
    client: Client,
}

impl Remote {
    /// The key is sent as it is: a command may reach the server under an address that is none of its origins, and would
    /// then sign tokens that it refuses.
    pub(crate) fn new(access: ServerAccess) -> Result<Self> {
        Ok(Self { client: Client::builder(access.url).token(access.key.expose()).build()? })
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&'static str, &str)]) -> Result<Value> {
        Ok(self.request(Method::GET, path, query).json().await?)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.answer(self.request(Method::POST, path, &[]).body(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Option<&Value>) -> Result<Value> {
        let request = self.request(Method::PUT, path, &[]);
        self.answer(if let Some(body) = body { request.body(body) } else { request }).await
    }

    /// Replaces a thing, unless it changed after `since`, its `lastUpdated` as it was read.
    pub(crate) async fn put_unchanged(
        &self,
        path: &str,
        body: &Value,
        since: Option<String>,
    ) -> Result<Value> {
        let request = self.request(Method::PUT, path, &[]).body(body);
        self.answer(match since {
            Some(since) => request.header("if-unmodified-since", since),
            None => request,
        })
        .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result {
        Ok(self.request(Method::DELETE, path, &[]).done().await?)
    }

    /// What is no thing, and has a method of its own in an area.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    fn request(&self, method: Method, path: &str, query: &[(&'static str, &str)]) -> Request<'_> {
        query
            .iter()
            .fold(self.client.request(method, path), |request, (name, value)| request.query(name, value))
    }

    /// A success, with or without a body.
    async fn answer(&self, request: Request<'_>) -> Result<Value> {
        let answer = request.send().await?;
        match answer.status {
            200..300 if answer.bytes().is_empty() => Ok(Value::Null),
            200..300 => Ok(answer.json()?),
            _ => Err(answer.into_error().into()),
        }
    }
}
