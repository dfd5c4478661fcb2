use portcullis_types::Timestamp;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What was done with a device code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum DeviceCodeState {
            $($(#[$doc])* $name,)*
        }

        impl DeviceCodeState {
            /// Every state.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The text in storage.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The state of that text.
            pub fn of_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.as_str() == code)
            }
        }
    };
}

states! {
    /// Nobody decided yet.
    Pending = "pending";
    /// Its owner said yes; the device has not asked since.
    Approved = "approved";
    /// Its owner said no.
    Denied = "denied";
    /// The device has its tokens. It stays so.
    Redeemed = "redeemed";
}

/// The person who entered a user code, in the browser session in which they did: they alone decide (DV-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceOwner {
    /// Whom the device will act for.
    pub user_id: String,
    /// The browser session in which the code was entered.
    pub browser_session: String,
    /// When they last proved who they are.
    pub auth_time: Timestamp,
    /// How (RFC 8176).
    pub amr: Vec<String>,
}

/// A device authorization as it is stored (RFC 8628): neither of its two codes can be told from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    /// The public half of the device code.
    pub device_code_id: String,
    /// SHA-256 of its secret half.
    pub digest: [u8; 32],
    /// The keyed digest of the user code: with 34 bits, a plain one could be searched through.
    pub user_code: [u8; 32],
    /// The application that asked; nobody else redeems it.
    pub client_id: String,
    /// What was asked for, already cut to what the application may have.
    pub scope: String,
    /// For which audience.
    pub audience: String,
    /// What the device says about itself, to be shown.
    pub user_agent: Option<String>,
    /// From where it asked, to be shown.
    pub ip: Option<String>,
    /// The network that its application's requests are counted for.
    pub network: String,
    /// When it asked.
    pub created_at: Timestamp,
    /// From when on nothing can be made of it.
    pub expires_at: Timestamp,
    /// How many seconds there should be between two polls.
    pub interval_secs: i64,
    /// What was done with it.
    pub state: DeviceCodeState,
    /// Who entered its user code.
    pub owner: Option<DeviceOwner>,
    /// When they decided.
    pub decided_at: Option<Timestamp>,
}

/// What a poll with the right device code is told (RFC 8628 §3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceAnswer {
    /// `authorization_pending`, or `slow_down` for who asks too often.
    Pending,
    /// The tokens.
    Approved,
    /// `access_denied`.
    Denied,
    /// `expired_token`.
    Expired,
    /// `invalid_grant`: it was redeemed.
    Spent,
}

impl DeviceCode {
    /// For how long an expired one is kept, at least, so that its device is told `expired_token` (spec `client-handlers.md`
    /// §3.1).
    pub const KEPT_SECS: i64 = 600;

    /// What a poll at `now` is told. A denial stays one when its time is over; an approval that nobody fetched does not.
    pub fn answer(&self, now: Timestamp) -> DeviceAnswer {
        match self.state {
            DeviceCodeState::Redeemed => DeviceAnswer::Spent,
            DeviceCodeState::Denied => DeviceAnswer::Denied,
            _ if now >= self.expires_at => DeviceAnswer::Expired,
            DeviceCodeState::Approved => DeviceAnswer::Approved,
            DeviceCodeState::Pending => DeviceAnswer::Pending,
        }
    }
}

/// How often a device asks.
///
/// Real clients poll at once after they have opened a browser, and some add one second for a `slow_down` instead of five (spec
/// `client-handlers.md` §1.5). So the first poll is never early, a second less than the interval is not either, and a threshold
/// that grew with each violation would never be met: it grows once, by five seconds, with the second violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevicePace {
    last_poll_at: Timestamp,
    early_polls: u8,
}

const TOLERANCE_SECS: i64 = 1;
const SLOW_DOWN_SECS: i64 = 5;

impl DevicePace {
    /// After the first poll.
    pub const fn first(now: Timestamp) -> Self {
        Self { last_poll_at: now, early_polls: 0 }
    }

    /// Counts another poll, and says whether it came too early.
    pub fn poll(&mut self, now: Timestamp, interval_secs: i64) -> bool {
        let slower = if self.early_polls >= 2 { SLOW_DOWN_SECS } else { 0 };
        let wanted = interval_secs.saturating_add(slower).saturating_sub(TOLERANCE_SECS);
        // A clock that was set back makes nobody early for long.
        let is_early = now >= self.last_poll_at && now < self.last_poll_at.plus_secs(wanted);
        self.last_poll_at = now;
        if is_early {
            self.early_polls = self.early_polls.saturating_add(1);
        }
        is_early
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn code(state: DeviceCodeState) -> DeviceCode {
        DeviceCode {
            device_code_id: "dc_1".to_owned(),
            digest: [1; 32],
            user_code: [2; 32],
            client_id: "app_tv".to_owned(),
            scope: "openid".to_owned(),
            audience: "https://api.example".to_owned(),
            user_agent: None,
            ip: None,
            network: String::new(),
            created_at: NOW,
            expires_at: NOW.plus_secs(900),
            interval_secs: 5,
            state,
            owner: None,
            decided_at: None,
        }
    }

    #[test]
    fn dv_02_what_a_poll_is_told_depends_on_the_state_and_the_end() {
        use {DeviceAnswer as A, DeviceCodeState as S};
        let last = Timestamp::from_micros(NOW.plus_secs(900).micros() - 1);
        for (state, before, after) in [
            (S::Pending, A::Pending, A::Expired),
            (S::Approved, A::Approved, A::Expired),
            (S::Denied, A::Denied, A::Denied),
            (S::Redeemed, A::Spent, A::Spent),
        ] {
            let code = code(state);
            assert_eq!((code.answer(last), code.answer(NOW.plus_secs(900))), (before, after), "{state:?}");
        }
    }

    /// The polls at these tenths of a second after the first one, and which of them are early.
    fn early(tenths: &[i64]) -> Vec<bool> {
        let mut pace = DevicePace::first(NOW);
        tenths.iter().map(|tenth| pace.poll(NOW.plus_micros(tenth * 100_000), 5)).collect()
    }

    #[test]
    fn dv_02_a_poll_is_early_a_second_before_the_interval_is_over() {
        assert_eq!(early(&[50, 100, 140, 179]), [false, false, false, true]);
    }

    #[test]
    fn dv_02_who_adds_one_second_for_each_slow_down_is_satisfied() {
        // Two polls 0.2 s apart, then the interval and one second.
        assert_eq!(early(&[2, 62, 122]), [true, false, false]);
        // Who goes on too fast has to wait five seconds more, and never longer.
        assert_eq!(early(&[2, 4, 64, 134, 214, 304, 394]), [true, true, true, true, true, false, false]);
    }

    #[test]
    fn dv_02_who_adds_five_seconds_is_never_early_again() {
        assert_eq!(early(&[2, 102, 202]), [true, false, false]);
        assert_eq!(early(&[2, 4, 154, 304]), [true, true, false, false]);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_early() {
        assert_eq!(early(&[100, -36_000, -35_950]), [false, false, false]);
    }

    #[test]
    fn every_state_is_read_back_from_its_text() {
        for state in DeviceCodeState::ALL {
            assert_eq!(DeviceCodeState::of_code(state.as_str()), Some(*state));
        }
        assert_eq!(DeviceCodeState::of_code("expired"), None);
    }
}
