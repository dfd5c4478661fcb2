//! What was confirmed, and what nobody knows.

use std::collections::BTreeMap;

use portcullis_testkit::SeededRng;

use crate::writer::Server;

/// What a thing holds, in one comparable text.
pub(crate) type Content = String;

/// One kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Role,
    Group,
    Record,
}

/// What the server said about one thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// The content of the last confirmed write; `None` when none was, or when the last one was a deletion.
    pub(crate) confirmed: Option<Content>,
    /// The write that was on its way when the server was killed: what it would have left.
    pub(crate) unanswered: Option<Option<Content>>,
}

pub(crate) type Key = (Kind, String);
pub(crate) type Entries = BTreeMap<Key, Entry>;

/// Everything that any client wrote, by the round in which it did.
#[derive(Default)]
pub(crate) struct Ledger(BTreeMap<Key, (u64, Entry)>);

impl Ledger {
    pub(crate) fn add(&mut self, round: u64, entries: Entries) {
        self.0.extend(entries.into_iter().map(|(key, entry)| (key, (round, entry))));
    }

    pub(crate) fn confirmed(&self) -> usize {
        self.0.values().filter(|(_, entry)| entry.confirmed.is_some()).count()
    }

    pub(crate) fn all(&self) -> Vec<Key> {
        self.0.keys().cloned().collect()
    }

    /// Everything of this round, and some of what is older.
    pub(crate) fn to_verify(&self, round: u64, old_ones: usize, rng: &SeededRng) -> Vec<Key> {
        let of = |this: bool| self.0.iter().filter(move |(_, (written, _))| (*written == round) == this);
        let mut keys: Vec<Key> = of(true).map(|(key, _)| key.clone()).collect();
        let old: Vec<&Key> = of(false).map(|(key, _)| key).collect();
        let count = u64::try_from(old.len()).unwrap();
        let picked =
            (0..old_ones.min(old.len())).map(|_| old[usize::try_from(rng.below(count)).unwrap()].clone());
        keys.extend(picked);
        keys
    }

    /// Compares with what the server holds now, which becomes what is known of writes without an answer.
    pub(crate) async fn verify(&mut self, server: &Server, keys: Vec<Key>) -> usize {
        let looked_at = keys.len();
        for key in keys {
            let (round, entry) = self.0.get_mut(&key).unwrap();
            let found = server.read(&key).await;
            let allowed = [Some(&entry.confirmed), entry.unanswered.as_ref()];
            let fits = allowed.into_iter().flatten().any(|content| *content == found);
            assert!(
                fits,
                "{key:?}, written in round {round}: the server holds {found:?}, the ledger says {entry:?}"
            );
            if key.0 == Kind::Record {
                server
                    .expect_check(&format!("of-{}", key.1), &format!("kill/{}", key.1), found.is_some())
                    .await;
            }
            *entry = Entry { confirmed: found, unanswered: None };
        }
        looked_at
    }
}
