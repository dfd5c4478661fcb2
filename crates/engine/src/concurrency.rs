use portcullis_types::Timestamp;

use crate::{Error, Portcullis, Result};

/// `If-Unmodified-Since`: the caller's last known change (spec `authress-api.md` §1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnmodifiedSince {
    /// The instant that was given.
    pub at: Timestamp,
    /// To which precision it was given, in microseconds ([`Timestamp::parse_with_precision`]).
    pub precision: i64,
}

impl UnmodifiedSince {
    /// Refuses when the thing changed after the instant, as far as the instant's precision can tell.
    pub(crate) fn check(expected: Option<Self>, last_updated: Timestamp) -> Result<()> {
        match expected {
            Some(since) if last_updated.truncated_to(since.precision) > since.at => {
                Err(Error::ChangedSince { last_updated })
            }
            _ => Ok(()),
        }
    }
}

impl Portcullis {
    /// The instant of a change: whole milliseconds, because clients send back no more, and always after the one before,
    /// because they compare.
    pub(crate) fn change_time(&self, before: Option<Timestamp>) -> Timestamp {
        const MILLI: i64 = 1_000;
        let now = self.now().truncated_to(MILLI);
        match before {
            Some(before) if before >= now => {
                Timestamp::from_micros(before.truncated_to(MILLI).micros() + MILLI)
            }
            _ => now,
        }
    }
}
