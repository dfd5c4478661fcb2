use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Registered;

/// How many applications are kept in memory: of a few kilobytes each.
const CAPACITY: usize = 4096;

/// The applications that were asked for lately. Those that do not exist are not kept: anybody can make names up.
pub(crate) struct ApplicationMemory {
    inner: RwLock<Inner>,
    capacity: usize,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<Arc<str>, Arc<Registered>>,
    /// Grows with every change.
    epoch: u64,
}

/// Taken before an application is read: what was read is kept only if nothing changed meanwhile.
pub(super) struct Ticket(u64);

impl Default for ApplicationMemory {
    fn default() -> Self {
        Self { inner: RwLock::default(), capacity: CAPACITY }
    }
}

impl ApplicationMemory {
    pub(super) fn find(&self, application_id: &str) -> Option<Arc<Registered>> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).entries.get(application_id).cloned()
    }

    pub(super) fn ticket(&self) -> Ticket {
        Ticket(self.inner.read().unwrap_or_else(PoisonError::into_inner).epoch)
    }

    pub(super) fn keep(&self, ticket: &Ticket, application: &Arc<Registered>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if inner.epoch != ticket.0 {
            return;
        }
        if inner.entries.len() >= self.capacity {
            // Any one: with so many of them, which are asked for next is anybody's guess.
            let some = inner.entries.keys().next().cloned();
            some.map(|some| inner.entries.remove(&some));
        }
        let id = application.application.application_id.as_str().into();
        inner.entries.insert(id, Arc::clone(application));
    }

    /// Forgets one application.
    pub(crate) fn forget(&self, application_id: &str) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.epoch = inner.epoch.wrapping_add(1);
        inner.entries.remove(application_id);
    }

    /// Forgets all of them.
    pub(crate) fn forget_all(&self) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.epoch = inner.epoch.wrapping_add(1);
        inner.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::application_from_body;
    use portcullis_types::Timestamp;
    use portcullis_types::application::{ApplicationBody, ApplicationKind};

    use super::*;

    fn application(id: &str) -> Arc<Registered> {
        let body = ApplicationBody::new("A", ApplicationKind::Service);
        let now = Timestamp::from_secs(0);
        let application = application_from_body(body, id.to_owned(), now, now).unwrap();
        Arc::new(Registered::new(application, Vec::new()).unwrap())
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let memory = ApplicationMemory::default();
        let ticket = memory.ticket();
        memory.keep(&ticket, &application("a"));
        assert!(memory.find("a").is_some() && memory.find("A").is_none());
        let before = memory.ticket();
        memory.forget("a");
        memory.keep(&before, &application("a"));
        assert!(memory.find("a").is_none());
    }

    #[test]
    fn no_more_than_its_capacity_is_kept() {
        let memory = ApplicationMemory { capacity: 3, ..ApplicationMemory::default() };
        for n in 0..10 {
            memory.keep(&memory.ticket(), &application(&format!("a{n}")));
        }
        assert_eq!(memory.inner.read().unwrap().entries.len(), 3);
        assert!(memory.find("a9").is_some());
        memory.forget_all();
        assert!(memory.find("a9").is_none());
    }
}
