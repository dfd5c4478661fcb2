//! How often a device polls. Kept in the memory of each node, so that polling writes nothing: a device whose polls go to several
//! nodes is paced by each of them alone, and after a restart its next poll counts as its first. That is good enough: the pace
//! spares the server, and guards no secret, since a device code has 256 bits.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use portcullis_domain::{DeviceCode, DevicePace};
use portcullis_types::Timestamp;

/// The most devices whose last poll is remembered.
const MOST: usize = 20_000;

/// When devices polled last.
#[derive(Default)]
pub(crate) struct Paces(Mutex<HashMap<String, (DevicePace, Timestamp)>>);

impl Paces {
    /// Counts a poll with a device code that is pending, and says whether it came too early.
    pub(crate) fn poll(&self, code: &DeviceCode, now: Timestamp) -> bool {
        let mut paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((pace, _)) = paces.get_mut(&code.device_code_id) {
            return pace.poll(now, code.interval_secs);
        }
        if paces.len() >= MOST {
            paces.retain(|_, (_, expires_at)| *expires_at > now);
        }
        if paces.len() >= MOST {
            // Nobody is early then, once.
            paces.clear();
        }
        paces.insert(code.device_code_id.clone(), (DevicePace::first(now), code.expires_at));
        false
    }

    /// Forgets a device that will not poll any more.
    pub(crate) fn forget(&self, device_code_id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(device_code_id);
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::DeviceCodeState;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn code(number: usize) -> DeviceCode {
        DeviceCode {
            device_code_id: format!("dc_{number}"),
            digest: [1; 32],
            user_code: [2; 32],
            client_id: "tv".to_owned(),
            scope: String::new(),
            audience: String::new(),
            user_agent: None,
            ip: None,
            network: String::new(),
            created_at: NOW,
            expires_at: NOW.plus_secs(900),
            interval_secs: 5,
            state: DeviceCodeState::Pending,
            owner: None,
            decided_at: None,
        }
    }

    #[test]
    fn each_device_is_paced_alone_and_its_first_poll_is_never_early() {
        let paces = Paces::default();
        assert!(!paces.poll(&code(1), NOW) && !paces.poll(&code(2), NOW));
        assert!(paces.poll(&code(1), NOW) && !paces.poll(&code(2), NOW.plus_secs(4)));
        paces.forget("dc_1");
        assert!(!paces.poll(&code(1), NOW));
    }

    #[test]
    fn memory_is_bounded() {
        let paces = Paces::default();
        for number in 0..=MOST {
            paces.poll(&code(number), NOW);
        }
        assert!(paces.0.lock().unwrap().len() <= MOST);
    }
}
