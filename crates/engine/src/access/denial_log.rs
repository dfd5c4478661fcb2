use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use portcullis_types::Timestamp;

use super::ask::Question;

/// How many denied checks are logged a second; the others are counted.
const A_SECOND: u64 = 10;

/// Denied checks go to the log target `decision`, sampled and bounded, so that nobody can fill a disk by asking.
#[derive(Default)]
pub(crate) struct DenialLog {
    second: AtomicI64,
    in_second: AtomicU64,
    left_out: AtomicU64,
}

impl DenialLog {
    /// Logs a denied check, if this second has room for it.
    pub(crate) fn denied(&self, question: Question<'_>, now: Timestamp) {
        if !tracing::enabled!(target: "decision", tracing::Level::INFO) {
            return;
        }
        let Some(left_out) = self.admit(now) else { return };
        tracing::info!(
            target: "decision",
            principal = question.user_id,
            permission = question.permission,
            resource = question.resource,
            left_out,
            "denied"
        );
    }

    /// How many were left out since the last one that was logged, or none when this one is to be left out too.
    fn admit(&self, now: Timestamp) -> Option<u64> {
        if self.second.swap(now.secs(), Ordering::Relaxed) != now.secs() {
            self.in_second.store(0, Ordering::Relaxed);
        }
        if self.in_second.fetch_add(1, Ordering::Relaxed) < A_SECOND {
            Some(self.left_out.swap(0, Ordering::Relaxed))
        } else {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_13_denials_are_sampled_and_what_is_left_out_is_counted() {
        let log = DenialLog::default();
        let first = Timestamp::from_secs(1);
        assert_eq!((0..25).filter_map(|_| log.admit(first)).count(), 10);
        assert_eq!(log.admit(first.plus_secs(1)), Some(15));
        assert_eq!(log.admit(first.plus_secs(1)), Some(0));
    }
}
