use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use portcullis_types::Timestamp;

use super::context::{GuardContext, Wanted, WantedOwned};

/// For how long a context is used without being put together again (spec `guard-request.md` §2).
const SECONDS: i64 = 30;
/// How many contexts are kept with one token: one for each organization that its user works in at a time.
const A_TOKEN: usize = 4;
/// Over how many counters subjects and organizations are spread.
const COUNTERS: u16 = 1024;

/// The contexts that were put together for one verified token. They live in the memory of verified tokens, so they are
/// bounded with it, and gone with the token when it is revoked.
#[derive(Default)]
pub(crate) struct Contexts(ArcSwap<Vec<Arc<Remembered>>>);

struct Remembered {
    wanted: WantedOwned,
    context: Arc<GuardContext>,
    until: Timestamp,
    /// What it depends on, and how often that had changed.
    depends_on: [(u16, u64); 2],
    everything: u64,
}

/// How often things changed that contexts are made of. Many share a counter, so that a change of one may forget others too:
/// that costs a look-up, never a wrong answer.
pub(crate) struct ContextEpochs {
    counters: Box<[AtomicU64]>,
    everything: AtomicU64,
}

/// What a context is made of.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Remembers<'a> {
    /// A user: profile, grants, memberships, overrides.
    Subject(&'a str),
    /// An organization: state, tenants, subscriptions.
    Organization(&'a str),
}

/// How often the parts of a context had changed before it was put together.
pub(super) struct Before {
    everything: u64,
    counters: Vec<u64>,
}

impl Default for ContextEpochs {
    fn default() -> Self {
        Self {
            counters: std::iter::repeat_with(AtomicU64::default).take(usize::from(COUNTERS)).collect(),
            everything: AtomicU64::new(0),
        }
    }
}

impl ContextEpochs {
    /// Forgets the contexts that this is a part of, on the next look at them.
    pub(crate) fn forget(&self, what: Remembers<'_>) {
        if let Some(counter) = self.counters.get(usize::from(place(what))) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Forgets all contexts.
    pub(crate) fn forget_all(&self) {
        self.everything.fetch_add(1, Ordering::SeqCst);
    }

    /// How often this had changed, and everything together.
    pub(super) fn of(&self, what: Remembers<'_>) -> (u64, u64) {
        (self.at(place(what)), self.everything.load(Ordering::SeqCst))
    }

    /// Must be taken before anything of a context is read.
    pub(super) fn before(&self) -> Before {
        Before {
            everything: self.everything.load(Ordering::SeqCst),
            counters: self.counters.iter().map(|counter| counter.load(Ordering::SeqCst)).collect(),
        }
    }

    fn at(&self, place: u16) -> u64 {
        self.counters.get(usize::from(place)).map_or(u64::MAX, |counter| counter.load(Ordering::SeqCst))
    }
}

fn place(what: Remembers<'_>) -> u16 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    u16::try_from(hasher.finish() % u64::from(COUNTERS)).unwrap_or(0)
}

impl Contexts {
    /// The context that was put together for this, if it is still good.
    pub(super) fn find(
        &self,
        epochs: &ContextEpochs,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Option<Arc<GuardContext>> {
        let kept = self.0.load();
        let found = kept.iter().find(|one| one.wanted.is(wanted))?;
        let current = now < found.until
            && now.plus_secs(SECONDS) >= found.until
            && found.everything == epochs.everything.load(Ordering::SeqCst)
            && found.depends_on.iter().all(|(place, seen)| epochs.at(*place) == *seen);
        current.then(|| Arc::clone(&found.context))
    }

    /// Keeps a context. What changed since `before` makes it void at the next look.
    pub(super) fn keep(
        &self,
        before: &Before,
        wanted: Wanted<'_>,
        context: &Arc<GuardContext>,
        now: Timestamp,
    ) {
        let of = |what: Option<Remembers<'_>>| {
            let place = what.map_or(0, place);
            (place, before.counters.get(usize::from(place)).copied().unwrap_or(0))
        };
        let in_force = &context.in_force;
        let remembered = Arc::new(Remembered {
            wanted: wanted.to_owned(),
            until: now.plus_secs(SECONDS),
            depends_on: [
                of(context.context.subject().map(Remembers::Subject)),
                of(in_force.organization.as_deref().map(Remembers::Organization)),
            ],
            everything: before.everything,
            context: Arc::clone(context),
        });
        let mut kept = vec![remembered];
        kept.extend(self.0.load().iter().filter(|one| !one.wanted.is(wanted)).take(A_TOKEN - 1).cloned());
        self.0.store(Arc::new(kept));
    }
}
