use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use portcullis::session::{Device, Presented};
use portcullis_tower::{BearerRefusal, bearer_credential};
use portcullis_types::Sensitive;

use crate::api::Api;
use crate::attempt::Attempt;
use crate::device::device;
use crate::failure::Failure;

/// Somebody who signs in, refreshes or logs out: one attempt at a credential, and the device that makes it.
pub(super) struct Visitor {
    pub(super) api: Api,
    pub(super) device: Device,
    bearer: Result<String, BearerRefusal>,
}

impl Visitor {
    /// What was sent to be refreshed or ended. A bearer beside a refresh token need not be readable; alone it must be.
    pub(super) fn presented(&self, refresh_token: Option<Sensitive>) -> Result<Presented, Failure> {
        let bearer = match &self.bearer {
            Ok(bearer) => Some(bearer.clone()),
            Err(BearerRefusal::Missing) => None,
            // Two headers may not agree about who is asking.
            Err(BearerRefusal::Several) => return Err(Failure::new(BearerRefusal::Several.into())),
            Err(_) if refresh_token.is_some() => None,
            Err(refusal) => return Err(Failure::new((*refusal).into())),
        };
        Ok(Presented { bearer, refresh_token })
    }
}

impl FromRequestParts<Api> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        Attempt::from_request_parts(parts, api).await?;
        let device = device(parts);
        let bearer = bearer_credential(&parts.headers).map(str::to_owned);
        Ok(Self { api: api.clone(), device, bearer })
    }
}
