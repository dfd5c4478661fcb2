//! Somebody's browser: its cookies, and as much of forms and redirects as a sign-in needs.

use std::net::SocketAddr;

use crate::Result;
use crate::client::{Client, form_encoded};

pub struct Browser {
    client: Client,
    address: SocketAddr,
    cookies: Vec<(String, String)>,
}

impl Browser {
    /// Registers somebody, who is signed in from then on.
    pub fn signed_in(address: SocketAddr) -> Result<Self> {
        let mut browser = Self { client: Client::nobody(address)?, address, cookies: Vec::new() };
        let page = browser.send("GET", "/register", "")?;
        let token = between(&page, "name=\"csrf_token\" value=\"", "\"").ok_or("no token in the form")?;
        let person = [
            ("csrf_token", token),
            ("email", "browser@bench.example"),
            ("password", "violet tractor seven under glass"),
        ];
        let answer = browser.send("POST", "/register", &form_encoded(&person))?;
        if !answer.starts_with("HTTP/1.1 303") {
            return Err(format!("nobody could register: {answer}").into());
        }
        Ok(browser)
    }

    /// Opens an application's request; gives the code that the redirect back carries.
    pub fn authorize(
        &mut self,
        client_id: &str,
        redirect_uri: &str,
        scope: &str,
        challenge: &str,
    ) -> Result<String> {
        let query = form_encoded(&[
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", redirect_uri),
            ("scope", scope),
            ("state", "bench"),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]);
        let answer = self.send("GET", &format!("/oauth2/authorize?{query}"), "")?;
        let code = between(&answer, "?code=", "&").ok_or_else(|| format!("no code: {answer}"))?;
        Ok(code.to_owned())
    }

    fn send(&mut self, method: &str, path: &str, form: &str) -> Result<String> {
        let Self { address, cookies, .. } = self;
        let cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{form}",
            cookies.join("; "),
            form.len()
        );
        let (_, answer) = self.client.send(request.as_bytes())?;
        for line in answer.lines().take_while(|line| !line.is_empty()) {
            if let Some((name, value)) = line
                .strip_prefix("set-cookie: ")
                .and_then(|cookie| cookie.split(';').next())
                .and_then(|pair| pair.split_once('='))
            {
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(answer)
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split(after).next()
}
