//! Heads and bodies that come in time or not at all.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::BoxError;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::rt::Timer;
use portcullis_http::BodyTimeout;
use tokio::time::{Sleep, sleep, sleep_until};

/// The time of the heads of one connection.
///
/// hyper asks for a timer when it begins to wait for a head, and drops it with every head that comes. Entering a timer of the runtime and
/// taking it out again each time costs as much as a part of an answer; so there is one for each connection, which is looked at and set again
/// only when it ends.
#[derive(Clone, Default)]
pub(super) struct HeadTimer {
    /// Ends no later than whatever was asked for last: deadlines only become later.
    running: Arc<Mutex<Option<Pin<Box<Sleep>>>>>,
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(HeadDeadline { timer: self.clone(), deadline })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

struct HeadDeadline {
    timer: HeadTimer,
    deadline: Instant,
}

impl hyper::rt::Sleep for HeadDeadline {}

impl Future for HeadDeadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut running = self.timer.running.lock().unwrap_or_else(PoisonError::into_inner);
        let running = running.get_or_insert_with(|| Box::pin(sleep_until(self.deadline.into())));
        loop {
            ready!(running.as_mut().poll(cx));
            if self.timer.now() >= self.deadline {
                return Poll::Ready(());
            }
            running.as_mut().reset(self.deadline.into());
        }
    }
}

/// A body that fails with [`BodyTimeout`] if it is not there within a time after it was first waited for: whoever sends one byte now and
/// then would else hold one of the places for connections for as long as they like.
pub(super) struct Timely {
    body: Incoming,
    within: Duration,
    /// Runs once something was waited for, which most bodies never are.
    ends: Option<Pin<Box<Sleep>>>,
}

impl Timely {
    pub(super) const fn new(body: Incoming, within: Duration) -> Self {
        Self { body, within, ends: None }
    }
}

impl Body for Timely {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        let within = self.within;
        ready!(self.ends.get_or_insert_with(|| Box::pin(sleep(within))).as_mut().poll(cx));
        Poll::Ready(Some(Err(BodyTimeout.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_head_of_a_connection_has_its_whole_time_and_no_more() {
        let (timer, second) = (HeadTimer::default(), Duration::from_secs(1));
        let begun = timer.now();
        // It is given up before its end, as when the head comes.
        let first = timeout(20 * second, timer.sleep(30 * second)).await;
        assert!(first.is_err(), "it ended early");
        // The time of the first ends while this one waits.
        timer.sleep(30 * second).await;
        let waited = timer.now() - begun;
        assert!((50 * second..51 * second).contains(&waited), "{waited:?}");
        // And what was asked for after one has ended has its time, too.
        timer.sleep(30 * second).await;
        let waited = timer.now() - begun;
        assert!((80 * second..81 * second).contains(&waited), "{waited:?}");
    }
}
