use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use portcullis::oauth::{OAuthError, OAuthErrorCode};
use portcullis::session::Device;
use portcullis_tower::PeerAddress;

use super::OAuthRefusal;
use crate::api::Api;
use crate::device::device;

/// A request by an application that proves who it is: the first thing that such an endpoint takes.
pub(crate) struct OAuthCall {
    pub(crate) api: Api,
    pub(crate) device: Device,
    /// The header, which may hold a client's secret.
    pub(crate) authorization: Option<String>,
    address: Option<IpAddr>,
}

impl OAuthCall {
    /// Ends the call: a client that did not prove who it is counts against its address.
    pub(crate) fn answered<T>(&self, answer: Result<T, OAuthError>) -> Result<T, OAuthRefusal> {
        if let (Err(error), Some(failed)) = (&answer, self.api.failed_clients())
            && error.code == OAuthErrorCode::InvalidClient
        {
            failed.count(self.address);
        }
        answer.map_err(OAuthRefusal::from)
    }
}

impl FromRequestParts<Api> for OAuthCall {
    type Rejection = OAuthRefusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, OAuthRefusal> {
        let address = PeerAddress::of(&parts.extensions).map(|PeerAddress(address)| address.ip());
        if let Some(wait) = api.failed_clients().and_then(|failed| failed.wait_of(address)) {
            return Err(OAuthRefusal::too_many(wait));
        }
        let mut given = parts.headers.get_all(AUTHORIZATION).iter();
        let authorization = match (given.next(), given.next()) {
            (None, _) => None,
            (Some(value), None) => {
                let text = value
                    .to_str()
                    .map_err(|_opaque| OAuthError::invalid_client("the header Authorization is not ASCII"))?;
                Some(text.to_owned())
            }
            // Two may not agree about who is asking.
            (Some(_), Some(_)) => {
                return Err(OAuthError::invalid_request("Authorization comes more than once").into());
            }
        };
        Ok(Self { api: api.clone(), device: device(parts), authorization, address })
    }
}
