//! People of a test: how they sign in, and what they get by mail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_client::types::Timestamp;
use portcullis_testkit::{MovableClock, TestServer};

pub(crate) const ALICE: &str = "alice@example.org";
/// A password that is taken.
pub(crate) const GOOD: &str = "seven quiet herons fold paper";
/// Another one that is taken.
pub(crate) const OTHER: &str = "forty red kites over a harbour";
/// A password that nobody has.
pub(crate) const WRONG: &str = "eleven loud geese tear cloth";

/// A server whose clock stands still until it is moved.
pub(crate) async fn server_with_clock() -> (TestServer, Arc<MovableClock>) {
    let clock = Arc::new(MovableClock::new(Timestamp::from_secs(1_800_000_000)));
    let server = TestServer::builder().clock(clock.clone()).start().await.unwrap();
    (server, clock)
}

/// The token of the link in the mail number `number` to an address. Mail is sent beside the request that causes it.
pub(crate) async fn mailed_token(server: &TestServer, to: &str, number: usize) -> String {
    let asked = Instant::now();
    loop {
        let mails = server.inbox().unwrap().to(to);
        if let Some(mail) = mails.get(number) {
            let (_, rest) = mail.text().split_once("?token=").unwrap();
            return rest.split_whitespace().next().unwrap().to_owned();
        }
        assert!(asked.elapsed() < Duration::from_secs(10), "no mail number {number} to {to}: {mails:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
