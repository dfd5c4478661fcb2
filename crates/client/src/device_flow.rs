use std::time::{Duration, Instant};

use portcullis_types::oauth::{DeviceAuthorization, TokenResponse};
use reqwest::Method;

use crate::area::ApplicationCredential;
use crate::{Client, ClientError};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What `slow_down` adds, for good (RFC 8628 §3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);
/// The longest pause that failing connections lead to.
const LONGEST: Duration = Duration::from_secs(60);

/// How a program without a browser signs its user in (RFC 8628): see [`Client::device_flow`].
///
/// ```no_run
/// use portcullis_client::area::ApplicationCredential;
///
/// # async fn example(client: portcullis_client::Client) -> Result<(), portcullis_client::DeviceFlowError> {
/// let application = ApplicationCredential { client_id: "my-cli".to_owned(), client_secret: None };
/// let device = client.device_flow(application).scope("openid offline_access").start().await?;
/// let asked = device.authorization();
/// println!("Open {} and enter {}", asked.verification_uri, asked.user_code.expose());
/// let tokens = device.wait().await?;
/// # drop(tokens);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `start`"]
pub struct DeviceFlow<'c> {
    client: &'c Client,
    application: ApplicationCredential,
    scope: Option<String>,
    audience: Option<String>,
}

/// A device that was given its codes, and waits for a person.
#[derive(Clone, Debug)]
pub struct PendingDevice<'c> {
    flow: DeviceFlow<'c>,
    authorization: DeviceAuthorization,
    pace: Pace,
    /// By a clock that nobody sets.
    asked_at: Instant,
}

/// What a poll found out.
#[derive(Clone, Debug)]
pub enum DevicePoll {
    /// The person allowed it.
    Tokens(Box<TokenResponse>),
    /// Nobody decided yet.
    Pending {
        /// How long to wait before the next poll.
        pause: Duration,
    },
}

/// Why a device was not signed in.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceFlowError {
    /// The person said no.
    Denied,
    /// Nobody decided in time. Begin again only if the person wants to.
    Expired,
    /// Everything else.
    Client(ClientError),
}

impl std::fmt::Display for DeviceFlowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Denied => f.write_str("the sign-in was refused"),
            Self::Expired => f.write_str("the sign-in was not confirmed in time"),
            Self::Client(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DeviceFlowError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Client(error) => Some(error),
            Self::Denied | Self::Expired => None,
        }
    }
}

impl From<ClientError> for DeviceFlowError {
    fn from(error: ClientError) -> Self {
        match error.error_code() {
            Some("access_denied") => Self::Denied,
            Some("expired_token") => Self::Expired,
            _ => Self::Client(error),
        }
    }
}

impl<'c> DeviceFlow<'c> {
    pub(crate) const fn new(client: &'c Client, application: ApplicationCredential) -> Self {
        Self { client, application, scope: None, audience: None }
    }

    /// What is asked for, separated by spaces: `openid` for an ID token, `offline_access` for a refresh token.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Whom the access token is for; as the application says when absent.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Asks for the codes.
    ///
    /// # Errors
    /// [`DeviceFlowError::Client`]; its code is OAuth's, such as `unauthorized_client` or `invalid_scope`.
    pub async fn start(self) -> Result<PendingDevice<'c>, DeviceFlowError> {
        let mut form = self.credentials();
        form.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        form.extend(self.audience.as_deref().map(|audience| ("audience", audience)));
        let request = self.client.request(Method::POST, "/oauth2/device_authorization").anonymous();
        let asked_at = Instant::now();
        let authorization: DeviceAuthorization = request.form(&form).json().await?;
        let pace = Pace::of(&authorization);
        Ok(PendingDevice { flow: self, authorization, pace, asked_at })
    }

    fn credentials(&self) -> Vec<(&str, &str)> {
        let ApplicationCredential { client_id, client_secret } = &self.application;
        let secret = client_secret.as_ref().map(|secret| ("client_secret", secret.expose()));
        std::iter::once(("client_id", client_id.as_str())).chain(secret).collect()
    }
}

impl PendingDevice<'_> {
    /// What to show the person: the address and the code, always both as text. Open a browser at `verification_uri_complete` only
    /// where there is a display.
    pub const fn authorization(&self) -> &DeviceAuthorization {
        &self.authorization
    }

    /// Polls until the person has decided or the time is over. Drop it to stop.
    ///
    /// # Errors
    /// [`DeviceFlowError`]. Connections that fail are tried again, ever more slowly.
    pub async fn wait(mut self) -> Result<TokenResponse, DeviceFlowError> {
        let mut pause = self.pace.interval;
        loop {
            tokio::time::sleep(pause).await;
            match self.poll().await? {
                DevicePoll::Tokens(tokens) => return Ok(*tokens),
                DevicePoll::Pending { pause: next } => pause = next,
            }
        }
    }

    /// Polls once, for programs that wait in their own way.
    ///
    /// # Errors
    /// [`DeviceFlowError`]; not for an outage, after which the next poll should come later.
    pub async fn poll(&mut self) -> Result<DevicePoll, DeviceFlowError> {
        let mut form = self.flow.credentials();
        form.extend([("grant_type", GRANT_TYPE), ("device_code", self.authorization.device_code.expose())]);
        let request = self.flow.client.request(Method::POST, "/oauth2/token").anonymous();
        let answer = request.form(&form).json().await;
        let pause = match answer {
            Ok(tokens) => return Ok(DevicePoll::Tokens(Box::new(tokens))),
            Err(error) => self.pace.after(error)?,
        };
        let lifetime = Duration::from_secs(u64::try_from(self.authorization.expires_in).unwrap_or(0));
        if self.asked_at.elapsed() >= lifetime {
            return Err(DeviceFlowError::Expired);
        }
        Ok(DevicePoll::Pending { pause })
    }
}

/// How long to wait between two polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    interval: Duration,
    /// The pause after the last connection that failed.
    failing: Option<Duration>,
}

impl Pace {
    fn of(authorization: &DeviceAuthorization) -> Self {
        let interval = Duration::from_secs(u64::try_from(authorization.interval).unwrap_or(5));
        Self { interval, failing: None }
    }

    /// The pause after a poll that gave no tokens; an error if no other poll will.
    fn after(&mut self, error: ClientError) -> Result<Duration, DeviceFlowError> {
        match error.error_code() {
            Some("authorization_pending") => {}
            Some("slow_down") => self.interval = self.interval.saturating_add(SLOW_DOWN),
            // Nobody answered: twice as long each time (RFC 8628 §3.5).
            _ if is_outage(&error) => {
                let before = self.failing.unwrap_or(self.interval).max(Duration::from_secs(1));
                let pause = before.saturating_mul(2).min(LONGEST.max(self.interval));
                self.failing = Some(pause);
                return Ok(pause);
            }
            _ => return Err(error.into()),
        }
        self.failing = None;
        Ok(self.interval)
    }
}

/// Whether another poll may be answered.
fn is_outage(error: &ClientError) -> bool {
    matches!(error, ClientError::Unavailable { .. } | ClientError::Timeout | ClientError::Transport(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: &str) -> ClientError {
        let body = format!(r#"{{"error":"{code}","error_description":"d"}}"#);
        ClientError::of(400, None, body.as_bytes())
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_device_slows_down_for_good_and_backs_off_while_nobody_answers() {
        let mut pace = Pace { interval: secs(5), failing: None };
        assert_eq!(pace.after(refusal("authorization_pending")).unwrap(), secs(5));
        assert_eq!(pace.after(refusal("slow_down")).unwrap(), secs(10));
        assert_eq!(pace.after(refusal("authorization_pending")).unwrap(), secs(10));
        let outage = || ClientError::of(503, None, b"");
        let pauses: Vec<_> = (0..4).map(|_| pace.after(outage()).unwrap()).collect();
        assert_eq!(pauses, [20, 40, 60, 60].map(secs));
        assert_eq!(pace.after(ClientError::Timeout).unwrap(), secs(60));
        assert_eq!(pace.after(refusal("authorization_pending")).unwrap(), secs(10));
        assert_eq!(pace.after(outage()).unwrap(), secs(20));
    }

    #[test]
    fn a_device_stops_when_there_is_nothing_to_wait_for() {
        let mut pace = Pace { interval: secs(5), failing: None };
        assert!(matches!(pace.after(refusal("access_denied")), Err(DeviceFlowError::Denied)));
        assert!(matches!(pace.after(refusal("expired_token")), Err(DeviceFlowError::Expired)));
        for code in ["invalid_grant", "invalid_client", "unauthorized_client"] {
            let stopped = pace.after(refusal(code)).unwrap_err();
            let is_told = |error: &ClientError| error.error_code() == Some(code);
            assert!(matches!(&stopped, DeviceFlowError::Client(error) if is_told(error)));
        }
    }
}
