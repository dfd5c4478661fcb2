use std::net::IpAddr;
use std::sync::Arc;

use portcullis_types::{Caller, FieldError};

use crate::cx::Actor;
use crate::{Cx, Result};

const MAX_NAME: usize = 128;
const MAX_USER_AGENT: usize = 256;

/// The device that somebody signs in from. All of it is what it says about itself: to be shown, never to decide by.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What its user calls it, up to 128 characters.
    pub name: Option<String>,
    /// What it says about itself (`User-Agent`); cut after 256 characters.
    pub user_agent: Option<String>,
    /// Where it connects from, forwarded addresses considered.
    pub ip: Option<IpAddr>,
    /// The request that it sent, for the audit trail.
    pub request_id: Option<Arc<str>>,
}

impl Device {
    /// Refuses a name that is too long, and brings the rest into the form that is stored.
    pub(crate) fn accepted(mut self) -> Result<Self> {
        let bad = |name: &String| name.chars().count() > MAX_NAME || name.chars().any(char::is_control);
        if self.name.as_ref().is_some_and(bad) {
            let expected = format!("up to {MAX_NAME} characters, none of them a control character");
            return Err(FieldError::new("device_name", expected).into());
        }
        let plain = |agent: String| agent.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect();
        self.name = self.name.filter(|name| !name.is_empty());
        self.user_agent = self.user_agent.map(plain).filter(|agent: &String| !agent.is_empty());
        Ok(self)
    }

    /// The context of what `user_id` does with this device, once they have proven who they are.
    pub(crate) fn cx(&self, user_id: &str) -> Cx {
        let caller = Caller::User { user_id: user_id.into(), limited_by: None, session_id: None };
        Cx { actor: Actor::Caller(caller), request_id: self.request_id.clone() }
    }
}
