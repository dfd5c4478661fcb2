use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use pin_project_lite::pin_project;
use portcullis::{Cx, Error, Portcullis};
use portcullis_tower::{AuthenticatedCaller, RequestId};

use crate::api::Api;
use crate::failure::Failure;

/// Who calls, in which request: the first thing that every handler behind the bearer takes.
pub(crate) struct Call {
    pub(crate) api: Api,
    pub(crate) cx: Cx,
}

impl Call {
    pub(crate) fn portcullis(&self) -> &Portcullis {
        self.api.portcullis()
    }

    /// Ends a management call: a refusal of it is an event of the audit trail (checks are only counted).
    ///
    /// `action` is `area.verb`, `target` the thing it would have been done to.
    pub(crate) fn managed<'a, F>(&'a self, action: &'a str, target: &'a str, work: F) -> Managed<'a, F> {
        Managed { work, call: self, action, target }
    }
}

pin_project! {
    /// See [`Call::managed`]. Not an `async fn`: that would hold its work twice, before and after it begins, and what layers do with
    /// a future is to move it.
    #[must_use = "nothing is done before it is awaited"]
    pub(crate) struct Managed<'a, F> {
        #[pin]
        work: F,
        call: &'a Call,
        action: &'a str,
        target: &'a str,
    }
}

impl<T, F: Future<Output = portcullis::Result<T>>> Future for Managed<'_, F> {
    type Output = Result<T, Failure>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let done = ready!(this.work.poll(cx));
        if let Err(Error::Forbidden { .. }) = &done {
            portcullis::audit::refused(this.call.portcullis(), &this.call.cx, this.action, this.target);
        }
        Poll::Ready(done.map_err(Failure::from))
    }
}

impl FromRequestParts<Api> for Call {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        let AuthenticatedCaller(caller) = AuthenticatedCaller::from_request_parts(parts, api).await?;
        let request_id = RequestId::of(&parts.extensions).map_or_else(|| "".into(), |id| id.0.clone());
        Ok(Self { api: api.clone(), cx: Cx::of(caller, request_id) })
    }
}
