use axum::extract::FromRequestParts;
use axum::http::request::Parts;
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
    pub(crate) async fn managed<T>(
        &self,
        action: &str,
        target: &str,
        work: impl Future<Output = portcullis::Result<T>>,
    ) -> Result<T, Failure> {
        let done = work.await;
        if let Err(Error::Forbidden { .. }) = &done {
            portcullis::audit::refused(self.portcullis(), &self.cx, action, target);
        }
        done.map_err(Failure::from)
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
