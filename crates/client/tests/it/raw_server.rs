//! A server that answers what it is told to, also what no server should.

use std::sync::{Arc, Mutex};

use portcullis_client::{Client, ClientBuilder, Retries};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is done with one request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// These bytes, and the connection is closed.
    Bytes(Vec<u8>),
    /// Nothing, for ever.
    Silence,
}

impl Answer {
    /// A well-formed answer with JSON.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::with(status, "", body)
    }

    /// The same, with more header lines, each ended by `\r\n`.
    pub(crate) fn with(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Bytes(
            format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                 connection: close\r\n{headers}\r\n{body}"
            )
            .into_bytes(),
        )
    }

    /// A body that ends before it should.
    pub(crate) fn cut_off() -> Self {
        Self::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"allowed\"".to_vec())
    }
}

/// Listens on a free port until it is dropped, and keeps what it was sent.
pub(crate) struct RawServer {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl RawServer {
    /// Gives one answer after the other; the last one again and again.
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        Self::knowing(|_url| answers).await
    }

    /// The same with answers that say where the server is.
    pub(crate) async fn knowing(answers: impl FnOnce(&str) -> Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = answers(&url);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                let number = {
                    let mut seen = log.lock().unwrap();
                    seen.push(request);
                    seen.len() - 1
                };
                match answers.get(number).or(answers.last()).unwrap() {
                    Answer::Bytes(bytes) => {
                        // A client that hung up has what it wanted.
                        let _sent = stream.write_all(bytes).await;
                        let _closed = stream.shutdown().await;
                    }
                    Answer::Silence => held.push(stream),
                }
            }
        });
        Self { url, seen, task }
    }

    /// A client with pauses too short to notice.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let retries = Retries {
            limit: 2,
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_secs(1),
        };
        Client::builder(&self.url).retries(retries).token("canary-token")
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The requests that came, heads and bodies.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// How many came.
    pub(crate) fn count(&self) -> usize {
        self.seen().len()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A whole request.
async fn read(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).await.unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = header(head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            if body.len() >= announced {
                return text;
            }
        }
        if length == 0 {
            return text;
        }
    }
}

/// A header of a request, by its name in lower case.
pub(crate) fn header(request: &str, name: &str) -> Option<String> {
    let head = request.split("\r\n\r\n").next()?;
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}
