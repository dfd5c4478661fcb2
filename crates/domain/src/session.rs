use portcullis_types::authress::TokenConfiguration;
use portcullis_types::{Timestamp, duration_secs};

const DAY: i64 = 24 * 60 * 60;

/// How long sessions and their tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// How long an access token is good: 1 second to 30 days.
    pub access_token_secs: i64,
    /// How long a session may rest before it ends: 1 second to 365 days.
    pub idle_secs: i64,
    /// How long a session may last at all: 1 second to 365 days.
    pub absolute_secs: i64,
    /// How many sessions a user may have at once in one user pool, at least 1. The one more ends the one seen the longest ago.
    pub per_user: u32,
    /// For how long a used refresh token still gives the token that replaced it: 0 to 60 seconds. Later use ends the session.
    pub refresh_grace_secs: i64,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            access_token_secs: 900,
            idle_secs: 14 * DAY,
            absolute_secs: 90 * DAY,
            per_user: 10,
            refresh_grace_secs: 10,
        }
    }
}

impl SessionPolicy {
    /// The policy for a user with durations of their own, which win (spec `authress-api.md` §3.2).
    #[must_use]
    pub fn for_user(mut self, own: Option<&TokenConfiguration>) -> Self {
        let secs = |text: Option<&String>| text.and_then(|text| duration_secs(text));
        if let Some(own) = own {
            self.access_token_secs =
                secs(own.access_token_duration.as_ref()).unwrap_or(self.access_token_secs);
            self.absolute_secs = secs(own.session_duration.as_ref()).unwrap_or(self.absolute_secs);
        }
        self
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// Why a session ended before its time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EndReason {
            $($(#[$doc])* $name,)*
        }

        impl EndReason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The text in storage and in the audit trail.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The reason of that text.
            pub fn of_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.as_str() == code)
            }
        }
    };
}

reasons! {
    /// Its user logged out.
    Logout = "logout";
    /// Its user logged out everywhere.
    LogoutEverywhere = "logout_everywhere";
    /// The user signed in once more than they may at once.
    Evicted = "evicted";
    /// A refresh token was used again after it had been replaced: one of the two who hold it has stolen it.
    RefreshReuse = "refresh_reuse";
    /// Somebody ended it from the list of sessions.
    Ended = "ended";
    /// The password was changed.
    PasswordChanged = "password_changed";
    /// The password was reset.
    PasswordReset = "password_reset";
    /// The user was disabled.
    UserDisabled = "user_disabled";
    /// The user was deleted.
    UserDeleted = "user_deleted";
    /// The application gave up what it was given (RFC 7009).
    TokenRevoked = "token_revoked";
    /// The code or the device code that it came from was used again (RFC 6749 §4.1.2).
    CodeReuse = "code_reuse";
    /// The user withdrew their consent.
    ConsentWithdrawn = "consent_withdrawn";
    /// The application was deleted.
    ApplicationDeleted = "application_deleted";
}

/// What a session is at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Its tokens are good.
    Alive,
    /// It rested for too long, or lasted for too long.
    TimedOut,
    /// Somebody ended it. Whatever the clock does, it stays so.
    Ended,
}

/// How many sessions of one user an application may have at once. The one more ends the one seen the longest ago.
pub const SESSIONS_PER_APPLICATION: usize = 20;

/// What an application was given by a person: the part of a session that only applications' sessions have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationPart {
    /// The application (`client_id`).
    pub client_id: String,
    /// What was granted (RFC 6749 §3.3), separated by spaces. What is refreshed may be less, never more.
    pub scope: String,
    /// The one audience of its access tokens (RFC 8707).
    pub audience: String,
    /// The person's own session that it came from; none where no browser took part.
    pub browser_session: Option<String>,
    /// The `claims` parameter (OpenID Connect Core §5.5) that it was asked for with, as JSON.
    pub claims: Option<String>,
}

impl ApplicationPart {
    /// Whether a scope was granted.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

/// A sign-in of a person on a device, or what an application was given by one, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `sid` of its tokens.
    pub session_id: String,
    /// Who signed in.
    pub user_id: String,
    /// To which user pool.
    pub pool: String,
    /// How they proved who they are (RFC 8176).
    pub amr: Vec<String>,
    /// What they call the device, up to 128 characters.
    pub device_name: Option<String>,
    /// What the device says about itself, up to 256 characters.
    pub user_agent: Option<String>,
    /// Where it signed in from.
    pub ip: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When they last proved who they are.
    pub auth_time: Timestamp,
    /// When it was last refreshed or used, to the minute.
    pub last_seen_at: Timestamp,
    /// How long it may rest.
    pub idle_secs: i64,
    /// When it ends if it goes on resting; never after `absolute_expires_at`.
    pub idle_expires_at: Timestamp,
    /// When it ends however much it is used.
    pub absolute_expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub end_reason: Option<EndReason>,
    /// Set when an application has it, and not the person themselves.
    pub application: Option<ApplicationPart>,
}

impl Session {
    /// What it is at `now`.
    pub fn state(&self, now: Timestamp) -> SessionState {
        if self.ended_at.is_some() {
            SessionState::Ended
        } else if now >= self.idle_expires_at || now >= self.absolute_expires_at {
            SessionState::TimedOut
        } else {
            SessionState::Alive
        }
    }

    /// The same session, used at `now`. Never moves an end to an earlier instant, nor past the last one.
    #[must_use]
    pub fn seen(mut self, now: Timestamp) -> Self {
        if now > self.last_seen_at {
            self.last_seen_at = now;
            self.idle_expires_at = now.plus_secs(self.idle_secs).min(self.absolute_expires_at);
        }
        self
    }

    /// How many seconds may pass between two uses that are written down: a minute, less when the session may rest for less
    /// than four.
    pub fn touch_secs(&self) -> i64 {
        (self.idle_secs / 4).min(60)
    }
}

/// A refresh token as it is stored: nothing of it can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The first part of its text.
    pub token_id: String,
    /// The session that it refreshes: all tokens of one session are one family.
    pub session_id: String,
    /// The token that it replaced.
    pub parent: Option<String>,
    /// SHA-256 of the second part of its text.
    pub digest: [u8; 32],
    /// When it was made.
    pub issued_at: Timestamp,
    /// The session's last instant.
    pub expires_at: Timestamp,
    /// When it was replaced.
    pub used_at: Option<Timestamp>,
    /// The token that replaced it, sealed under a key that only this token's text gives.
    pub successor: Option<Vec<u8>>,
}

impl RefreshToken {
    /// Whether a second use at `now` is a retry. Clocks of two nodes may differ, so the instant may lie on either side.
    pub fn is_retry(&self, now: Timestamp, grace_secs: i64) -> bool {
        self.used_at.is_some_and(|used| {
            now.micros().saturating_sub(used.micros()).abs() <= grace_secs.saturating_mul(1_000_000)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_000);

    fn session() -> Session {
        Session {
            session_id: "ses_1".to_owned(),
            user_id: "alice".to_owned(),
            pool: "main".to_owned(),
            amr: vec!["pwd".to_owned()],
            device_name: None,
            user_agent: None,
            ip: None,
            created_at: START,
            auth_time: START,
            last_seen_at: START,
            idle_secs: 100,
            idle_expires_at: START.plus_secs(100),
            absolute_expires_at: START.plus_secs(250),
            ended_at: None,
            end_reason: None,
            application: None,
        }
    }

    #[test]
    fn se_03_a_session_ends_when_it_rests_or_lasts_too_long_and_not_before() {
        let last = |at: Timestamp| Timestamp::from_micros(at.micros() - 1);
        let mut used = session();
        assert_eq!(used.state(last(START.plus_secs(100))), SessionState::Alive);
        assert_eq!(used.state(START.plus_secs(100)), SessionState::TimedOut);
        for at in [90, 180, 240] {
            used = used.seen(START.plus_secs(at));
        }
        assert_eq!(used.idle_expires_at, used.absolute_expires_at);
        assert_eq!(used.state(last(START.plus_secs(250))), SessionState::Alive);
        assert_eq!(used.state(START.plus_secs(250)), SessionState::TimedOut);
    }

    #[test]
    fn tk_05_what_was_ended_stays_ended_however_the_clock_moves() {
        let ended = Session { ended_at: Some(START), end_reason: Some(EndReason::Logout), ..session() };
        for at in [-1_000_000, 0, 1_000_000] {
            assert_eq!(ended.state(START.plus_secs(at)), SessionState::Ended);
        }
        assert_eq!(session().seen(START.plus_secs(-50)), session());
    }

    #[test]
    fn the_user_s_own_durations_win() {
        let policy = SessionPolicy::default();
        let own = |access: Option<&str>, session: Option<&str>| TokenConfiguration {
            access_token_duration: access.map(str::to_owned),
            session_duration: session.map(str::to_owned),
        };
        assert_eq!(policy.for_user(None), policy);
        assert_eq!(policy.for_user(Some(&own(None, None))), policy);
        let both = policy.for_user(Some(&own(Some("PT1S"), Some("P1D"))));
        assert_eq!((both.access_token_secs, both.absolute_secs), (1, DAY));
        assert_eq!(both.idle_secs, policy.idle_secs);
    }

    #[test]
    fn every_reason_is_read_back_from_its_text() {
        for reason in EndReason::ALL {
            assert_eq!(EndReason::of_code(reason.as_str()), Some(*reason));
        }
        assert_eq!(EndReason::of_code("other"), None);
    }

    #[test]
    fn a_second_use_is_a_retry_only_within_the_grace() {
        let token = RefreshToken {
            token_id: "rt_1".to_owned(),
            session_id: "ses_1".to_owned(),
            parent: None,
            digest: [0; 32],
            issued_at: START,
            expires_at: START.plus_secs(250),
            used_at: Some(START.plus_secs(20)),
            successor: None,
        };
        for (at, retry) in [(9, false), (10, true), (20, true), (30, true), (31, false)] {
            assert_eq!(token.is_retry(START.plus_secs(at), 10), retry, "{at}");
        }
        assert!(!RefreshToken { used_at: None, ..token }.is_retry(START, 10));
    }
}
