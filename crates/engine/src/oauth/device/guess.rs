//! How many user codes may be entered that are nobody's (DV-01). Each of them is a row, so that they are counted over any ten minutes,
//! hour and day, on all nodes. Those of one session are counted under the session's lock, so exactly; those of a network and of
//! everybody may be more by as many as are entered at the very same time.

use portcullis_store::{DeviceGuess, DeviceGuesses};
use portcullis_types::Timestamp;

use crate::change::Unit;
use crate::{Error, Result};

/// Of one session.
const PER_SESSION: (i64, i64) = (5, 10 * 60);
/// Of one network.
const PER_NETWORK: (i64, i64) = (20, 60 * 60);
/// Of everybody.
const DAY: i64 = 24 * 60 * 60;
/// For how long they are kept, which is as long as any of them counts.
pub(crate) const KEPT_SECS: i64 = DAY;

/// Who enters user codes, and from where.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) browser_session: &'a str,
    pub(super) network: &'a str,
}

impl Entry<'_> {
    /// Refuses, right codes too, as long as too many wrong ones were entered. The session must be locked.
    pub(super) async fn admit(self, unit: &mut Unit) -> Result<()> {
        let now = unit.portcullis().now();
        let (most, secs) = PER_SESSION;
        let queries = unit.queries();
        let guesses = queries.device_guesses_of_session(self.browser_session, now.plus_secs(-secs)).await?;
        within(guesses, most, secs, now)?;
        let (most, secs) = PER_NETWORK;
        let guesses = queries.device_guesses_of_network(self.network, now.plus_secs(-secs)).await?;
        within(guesses, most, secs, now)?;
        let most = unit.portcullis().inner.settings.devices.exposure_per_day;
        let guesses = unit.queries().device_guess_exposure(now.plus_secs(-DAY), most).await?;
        within(guesses, most.into(), DAY, now)
    }

    /// Counts a wrong code, as a part of a larger change.
    pub(super) async fn count(self, unit: &mut Unit) -> Result<()> {
        let portcullis = unit.portcullis().clone();
        let (now, settings) = (portcullis.now(), portcullis.inner.settings.devices);
        let pending = unit.queries().pending_device_codes(now, settings.most_pending).await?;
        let guess = DeviceGuess {
            guess_id: portcullis.mint("dg_")?,
            browser_session: self.browser_session.to_owned(),
            network: self.network.to_owned(),
            // What is entered while nothing can be hit is a guess all the same, and bounds how many rows there are.
            exposure: pending.max(1),
            at: now,
        };
        let most = settings.exposure_per_day;
        let before = unit.queries().device_guess_exposure(now.plus_secs(-DAY), most).await?;
        unit.queries().insert_device_guess(&guess).await?;
        metrics::counter!("portcullis_device_wrong_codes_total").increment(1);
        unit.audit_refused("device.enter", self.browser_session, None);
        if before.weight.saturating_add(guess.exposure) >= i64::from(most) {
            tracing::error!("somebody guesses user codes of devices: none is taken for up to a day");
        }
        Ok(())
    }
}

fn within(guesses: DeviceGuesses, most: i64, secs: i64, now: Timestamp) -> Result<()> {
    if guesses.weight < most {
        return Ok(());
    }
    let first_at = guesses.first_at.unwrap_or(now);
    let left = first_at.plus_secs(secs).micros().saturating_sub(now.micros());
    let retry_after_secs = u32::try_from(left.saturating_add(999_999).div_euclid(1_000_000));
    Err(Error::TooManyAttempts { retry_after_secs: retry_after_secs.unwrap_or(1).max(1) })
}
