use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use portcullis_types::MicroCredits;

use super::{Settlement, ToTheEnd};

/// A body that is sent piece by piece. Its end takes the credits, before the client learns of the end; breaking off takes what
/// was measured until then.
pub(in crate::guard) struct SettledBody {
    inner: Body,
    settlement: Option<Settlement>,
    used: Option<MicroCredits>,
    settling: Option<ToTheEnd<()>>,
    /// What `Content-Length` promises and was not sent yet: whoever sends the body stops asking at that length.
    missing: Option<u64>,
}

impl SettledBody {
    pub(in crate::guard) fn new(
        inner: Body,
        settlement: Settlement,
        used: Option<MicroCredits>,
        length: Option<u64>,
    ) -> Self {
        Self { inner, settlement: Some(settlement), used, settling: None, missing: length }
    }

    /// Whether all of it was sent.
    fn is_complete(&self) -> bool {
        self.inner.is_end_stream() || self.missing == Some(0) || self.inner.size_hint().exact() == Some(0)
    }
}

impl HttpBody for SettledBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if this.settling.is_none() {
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let sent = frame.data_ref().map_or(0, |data| data.len() as u64);
                    this.missing = this.missing.map(|missing| missing.saturating_sub(sent));
                    return Poll::Ready(Some(Ok(frame)));
                }
                Some(Err(error)) => {
                    if let Some(settlement) = this.settlement.take() {
                        settlement.cut_short();
                    }
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    let Some(settlement) = this.settlement.take() else { return Poll::Ready(None) };
                    this.settling = Some(ToTheEnd::new(settlement.commit(this.used)));
                }
            }
        }
        if let Some(settling) = &mut this.settling {
            ready!(Pin::new(settling).poll(cx));
            this.settling = None;
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        // Not before the credits are taken: the end is what this is asked for.
        self.settlement.is_none() && self.settling.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for SettledBody {
    fn drop(&mut self) {
        let Some(settlement) = self.settlement.take() else { return };
        if self.is_complete() {
            settlement.commit_later(self.used);
        } else {
            settlement.cut_short();
        }
    }
}
