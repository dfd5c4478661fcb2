//! A browser without a screen: keeps cookies, takes the token out of a page, and sends forms.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::bed::Bed;
use crate::wire::{Answer, Wire};

/// A password that is taken.
pub(crate) const GOOD: &str = "seven quiet herons fold paper";
/// Another one that is taken.
pub(crate) const OTHER: &str = "forty red kites over a harbour";

/// Somebody who visits the pages. Follows no redirect by itself.
pub(crate) struct Visitor {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
    /// What the browser says about itself.
    pub(crate) agent: String,
}

impl Visitor {
    pub(crate) fn of(bed: &Bed) -> Self {
        let agent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36".to_owned();
        Self { address: bed.address, cookies: BTreeMap::new(), agent }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.get(name).cloned()
    }

    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The header with the cookies.
    pub(crate) fn cookie_line(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { String::new() } else { format!("Cookie: {}\r\n", pairs.join("; ")) }
    }

    pub(crate) async fn get(&mut self, target: &str) -> Answer {
        self.call("GET", target, "", b"").await
    }

    /// The same with more headers, each a whole line.
    pub(crate) async fn get_with(&mut self, target: &str, headers: &str) -> Answer {
        self.call("GET", target, headers, b"").await
    }

    /// The token in the forms of a page.
    pub(crate) async fn token(&mut self, page: &str) -> String {
        let html = self.get(page).await.text();
        let rest = html.split("name=\"csrf_token\" value=\"").nth(1);
        rest.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }

    /// Opens a page, and sends a form of it.
    pub(crate) async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token(page).await;
        self.post_with(action, &token, fields, "").await
    }

    pub(crate) async fn post_without_token(&mut self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let body = encode(fields);
        self.call("POST", action, "Content-Type: application/x-www-form-urlencoded\r\n", body.as_bytes())
            .await
    }

    /// Sends a form with this token and more headers, each a whole line.
    pub(crate) async fn post_with(
        &mut self,
        action: &str,
        token: &str,
        fields: &[(&str, &str)],
        headers: &str,
    ) -> Answer {
        let mut all = vec![("csrf_token", token)];
        all.extend(fields);
        let headers = format!("Content-Type: application/x-www-form-urlencoded\r\n{headers}");
        self.call("POST", action, &headers, encode(&all).as_bytes()).await
    }

    pub(crate) async fn register(&mut self, email: &str) -> Answer {
        self.submit("/register", "/register", &[("email", email), ("password", GOOD)]).await
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.sign_in_at("/login", email, password).await
    }

    pub(crate) async fn sign_in_at(&mut self, page: &str, email: &str, password: &str) -> Answer {
        self.submit(page, "/login", &[("email", email), ("password", password)]).await
    }

    async fn call(&mut self, method: &str, target: &str, headers: &str, body: &[u8]) -> Answer {
        let headers = format!("User-Agent: {}\r\n{}{headers}", self.agent, self.cookie_line());
        let wire = Wire { address: self.address, bearer: None };
        let answer = wire.call(method, target.as_bytes(), &headers, body).await;
        for line in answer.headers("set-cookie") {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

fn encode(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect()
    };
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}
