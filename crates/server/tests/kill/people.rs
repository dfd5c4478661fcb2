//! People who register, sign in, refresh and sign out until the server is gone, and what must be true of them afterwards.

use std::sync::Arc;

use portcullis_testkit::SeededRng;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

/// A server, asked by people.
pub(crate) struct Door {
    url: String,
    client: Client,
}

impl Door {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), client: Client::new() }
    }

    async fn post(&self, path: &str, body: &Value) -> reqwest::Result<(StatusCode, Value)> {
        let response = self.client.post(format!("{}/v1/auth/{path}", self.url)).json(body).send().await?;
        let status = response.status();
        let bytes = response.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    async fn log_in(&self, person: &Person) -> reqwest::Result<(StatusCode, Value)> {
        self.post("login", &json!({"email": person.email, "password": person.password()})).await
    }

    async fn refresh(&self, token: &str) -> reqwest::Result<(StatusCode, Value)> {
        self.post("refresh", &json!({"refresh_token": token})).await
    }

    async fn is_active(&self, access_token: &str) -> bool {
        let (status, answer) = self.post("verify", &json!({"token": access_token})).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["active"] == true
    }
}

/// What the server said of a thing that was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Yes,
    No,
    /// The answer did not come.
    Either,
}

/// One session, as far as its person knows.
#[derive(Clone, Debug)]
struct Session {
    refresh_token: String,
    access_token: String,
    alive: Known,
}

/// Somebody, and what was confirmed to them.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    email: String,
    registered: Known,
    sessions: Vec<Session>,
    /// How many answers came.
    pub(crate) confirmed: u64,
}

impl Person {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            email: format!("{name}@kill.example"),
            registered: Known::No,
            sessions: Vec::new(),
            confirmed: 0,
        }
    }

    fn password(&self) -> String {
        format!("violet tractor {} under glass", self.email)
    }

    /// Goes in and out until a call gets no answer.
    pub(crate) async fn come_and_go(mut self, door: Arc<Door>, rng: SeededRng) -> Self {
        while self.step(&door, &rng).await.is_ok() {
            self.confirmed += 1;
        }
        self
    }

    async fn step(&mut self, door: &Door, rng: &SeededRng) -> reqwest::Result<()> {
        if self.registered != Known::Yes {
            return self.register(door).await;
        }
        let alive: Vec<usize> =
            (0..self.sessions.len()).filter(|&place| self.sessions[place].alive == Known::Yes).collect();
        let picked = alive.get(usize::try_from(rng.below(1 + alive.len() as u64)).unwrap());
        match (picked, rng.below(10)) {
            (Some(&place), 0..=1) => self.log_out(door, place).await,
            (Some(&place), _) => self.refresh(door, place).await,
            (None, _) if alive.len() < 4 => self.log_in(door).await,
            (None, _) => self.log_out(door, alive[0]).await,
        }
    }

    async fn register(&mut self, door: &Door) -> reqwest::Result<()> {
        self.registered = Known::Either;
        let body = json!({"email": self.email, "password": self.password()});
        let (status, answer) = door.post("register", &body).await?;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        self.registered = Known::Yes;
        self.sessions.push(session(&answer));
        Ok(())
    }

    async fn log_in(&mut self, door: &Door) -> reqwest::Result<()> {
        let (status, answer) = door.log_in(self).await?;
        assert_eq!(status, StatusCode::OK, "{answer}");
        self.sessions.push(session(&answer));
        Ok(())
    }

    async fn refresh(&mut self, door: &Door, place: usize) -> reqwest::Result<()> {
        // Whether or not the answer comes: the token that is presented gives the same successor again for a while.
        let (status, answer) = door.refresh(&self.sessions[place].refresh_token).await?;
        assert_eq!(status, StatusCode::OK, "{answer}");
        self.sessions[place] = session(&answer);
        Ok(())
    }

    async fn log_out(&mut self, door: &Door, place: usize) -> reqwest::Result<()> {
        self.sessions[place].alive = Known::Either;
        let body = json!({"refresh_token": self.sessions[place].refresh_token});
        let (status, answer) = door.post("logout", &body).await?;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
        self.sessions[place].alive = Known::No;
        Ok(())
    }

    /// What was confirmed is so; what was revoked stays so.
    pub(crate) async fn verify(&mut self, door: &Door) {
        let (status, answer) = door.log_in(self).await.unwrap();
        match self.registered {
            Known::Yes => assert_eq!(status, StatusCode::OK, "{}: {answer}", self.email),
            Known::No => assert_eq!(status, StatusCode::UNAUTHORIZED, "{}: {answer}", self.email),
            Known::Either => {}
        }
        for session in &mut self.sessions {
            let (status, answer) = door.refresh(&session.refresh_token).await.unwrap();
            match session.alive {
                Known::Yes => {
                    assert_eq!(status, StatusCode::OK, "{}: {answer}", self.email);
                    *session = self::session(&answer);
                }
                Known::No => {
                    assert_eq!(status, StatusCode::UNAUTHORIZED, "{}: {answer}", self.email);
                    assert!(!door.is_active(&session.access_token).await, "{}: revived", self.email);
                }
                Known::Either => {}
            }
        }
    }
}

fn session(answer: &Value) -> Session {
    let text = |member: &str| answer[member].as_str().unwrap().to_owned();
    Session { refresh_token: text("refresh_token"), access_token: text("access_token"), alive: Known::Yes }
}
