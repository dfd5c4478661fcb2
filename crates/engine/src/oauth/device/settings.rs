use portcullis_domain::UserCode;

/// How devices sign in (RFC 8628). [`DeviceSettings::default`] is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceSettings {
    /// How long a person has to enter a code and to decide: 1 to 3,600 seconds. More than 600 is more than DV-01 wants.
    pub expires_secs: u32,
    /// How long a device should wait between two polls: 1 to 60 seconds.
    pub interval_secs: u32,
    /// How many codes one application may ask for from one network (IPv4 address, IPv6 /64) a minute. Counted in the database, on all nodes
    /// together; requests at the very same time may be a few more.
    pub per_minute: u32,
    /// How many codes may wait for a decision at once. One more is refused, for a while, to everybody.
    pub most_pending: u32,
    /// How many user codes may be hit by chance: the codes that were pending, summed over the wrong user codes that were entered
    /// within a day. From there on nobody may enter one. The default keeps the chance of a hit on any day below 2^-20 (spec
    /// `client-handlers.md` §3.1); an installation with more than some 10,000 device sign-ins a day needs more.
    pub exposure_per_day: u32,
}

impl Default for DeviceSettings {
    /// 600 seconds, every 5 seconds, 30 a minute, 10,000 at once, and a chance of 2^-20 a day.
    fn default() -> Self {
        Self {
            expires_secs: 600,
            interval_secs: 5,
            per_minute: 30,
            most_pending: 10_000,
            exposure_per_day: u32::try_from(UserCode::COUNT >> 20).unwrap_or(u32::MAX),
        }
    }
}

impl DeviceSettings {
    pub(super) fn expires_secs(self) -> i64 {
        self.expires_secs.clamp(1, 3_600).into()
    }

    pub(super) fn interval_secs(self) -> i64 {
        self.interval_secs.clamp(1, 60).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dv_01_a_hit_by_chance_is_less_likely_than_two_to_the_minus_20_a_day() {
        let exposure = f64::from(DeviceSettings::default().exposure_per_day);
        let chance = exposure / 25_600_000_000.0;
        assert!(chance <= 2_f64.powi(-20) && chance > 2_f64.powi(-21), "{chance}");
    }
}
