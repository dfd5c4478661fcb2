use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use portcullis::session::Device;
use portcullis_tower::{PeerAddress, RequestId};

/// The device that sent a request, as far as it says, and as the listener knows where it connects from.
pub(crate) fn device(parts: &Parts) -> Device {
    let user_agent =
        parts.headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    let request_id = RequestId::of(&parts.extensions).map(|id| id.0.clone());
    let ip = PeerAddress::of(&parts.extensions).map(|PeerAddress(address)| address.ip());
    Device { name: None, user_agent, ip, request_id }
}
