use std::pin::Pin;
use std::task::{Context, Poll};

use portcullis_types::BoxFuture;
use tokio::runtime::Handle;

/// A future that goes on in a task of its own when whoever waits for it goes away: a client that hangs up must not leave
/// credits held because the answer that named the reservation was never read.
pub(in crate::guard) struct ToTheEnd<T: Send + 'static> {
    work: Option<BoxFuture<'static, T>>,
    /// Set while the work runs, and left set if it panics: then there is nothing to go on with.
    running: bool,
}

impl<T: Send + 'static> ToTheEnd<T> {
    pub(in crate::guard) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self { work: Some(Box::pin(work)), running: false }
    }
}

impl<T: Send + 'static> Future for ToTheEnd<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = &mut *self;
        let Some(work) = &mut this.work else { return Poll::Pending };
        this.running = true;
        let polled = work.as_mut().poll(cx);
        this.running = false;
        if polled.is_ready() {
            this.work = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for ToTheEnd<T> {
    fn drop(&mut self) {
        let Some(work) = self.work.take().filter(|_| !self.running) else { return };
        // Without a runtime the process is ending; what is held comes back by itself.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { drop(work.await) });
        }
    }
}
