use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;

use super::memory::{ContextEpochs, Remembers};
use crate::access::Question;
use crate::{Cx, Portcullis, Result};

/// How many reasons are kept: at some 400 bytes each, 3 MB.
const PLACES: usize = 8192;

/// Why checks were answered as they were, for administrators. To find out takes several reads of storage, since grants in
/// memory do not name their records; so what was found out is kept until something of it changes.
///
/// A question has one place, taken by its hash, and the next question of that place takes it over: bounded, and read without
/// a lock. What is found is compared with the whole question, part by part.
pub(crate) struct Reasons {
    places: Box<[ArcSwapOption<Kept>]>,
    changes: Changes,
}

/// How often things changed that reasons are made of, beside what [`ContextEpochs`] count.
#[derive(Default)]
struct Changes {
    /// What is public.
    public: AtomicU64,
    /// Anybody's grants: a no is explained by what others may.
    grants: AtomicU64,
}

/// Why, in short.
#[derive(Clone)]
pub(super) struct Reason {
    /// The access record that gives it.
    pub(super) record_id: Option<Arc<str>>,
    /// The reason in a sentence.
    pub(super) sentence: Arc<str>,
}

struct Kept {
    user_id: Box<str>,
    resource: Box<str>,
    permission: Box<str>,
    is_yes: bool,
    seen: Seen,
    reason: Reason,
}

/// How often what a reason depends on had changed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    /// The user's grants, then all groups and roles.
    subject: (u64, u64),
    public: u64,
    grants: u64,
}

impl Default for Reasons {
    fn default() -> Self {
        Self {
            places: std::iter::repeat_with(ArcSwapOption::empty).take(PLACES).collect(),
            changes: Changes::default(),
        }
    }
}

impl Reasons {
    /// Grants of some user or group changed.
    pub(crate) fn grants_changed(&self) {
        self.changes.grants.fetch_add(1, Ordering::SeqCst);
    }

    /// What is public changed.
    pub(crate) fn public_changed(&self) {
        self.changes.public.fetch_add(1, Ordering::SeqCst);
    }

    fn seen(&self, epochs: &ContextEpochs, user_id: &str) -> Seen {
        Seen {
            subject: epochs.of(Remembers::Subject(user_id)),
            public: self.changes.public.load(Ordering::SeqCst),
            grants: self.changes.grants.load(Ordering::SeqCst),
        }
    }

    fn place(&self, asked: Question<'_>) -> Option<&ArcSwapOption<Kept>> {
        let mut hasher = DefaultHasher::new();
        (asked.user_id, asked.resource, asked.permission).hash(&mut hasher);
        let place = hasher.finish().checked_rem(u64::try_from(self.places.len()).ok()?)?;
        self.places.get(usize::try_from(place).ok()?)
    }

    fn find(&self, asked: Question<'_>, seen: Seen) -> Option<Reason> {
        let kept = self.place(asked)?.load();
        let kept = kept.as_ref().filter(|kept| kept.answers(asked) && kept.holds_since(seen))?;
        Some(kept.reason.clone())
    }

    fn keep(&self, asked: Question<'_>, kept: Kept) {
        if let Some(place) = self.place(asked) {
            place.store(Some(Arc::new(kept)));
        }
    }
}

impl Kept {
    fn answers(&self, asked: Question<'_>) -> bool {
        *self.user_id == *asked.user_id
            && *self.resource == *asked.resource
            && *self.permission == *asked.permission
    }

    /// A yes depends on what its user may, a no on what anybody may.
    fn holds_since(&self, seen: Seen) -> bool {
        let grants = if self.is_yes { self.seen.grants } else { seen.grants };
        self.seen == Seen { grants, ..seen }
    }
}

impl Portcullis {
    /// Why a check is answered as it is, if that was found out before and holds. Waits for nothing.
    pub(super) fn remembered_reason(&self, asked: Question<'_>) -> Option<Reason> {
        let (reasons, epochs) = (&self.inner.reasons, &self.inner.context_epochs);
        if self.is_cut_off() {
            return None;
        }
        reasons.find(asked, reasons.seen(epochs, asked.user_id))
    }

    /// Why a check is answered as it is, read from storage.
    pub(super) async fn reason(&self, asked: Question<'_>) -> Result<Reason> {
        let (reasons, epochs) = (&self.inner.reasons, &self.inner.context_epochs);
        // Before anything is read: what changes meanwhile makes it void.
        let (seen, hears) = (reasons.seen(epochs, asked.user_id), !self.is_cut_off());
        let explanation = crate::access::explain(self, &Cx::local("guard"), asked).await?;
        let reason = Reason {
            record_id: explanation.allowed_by.and_then(|by| by.record_id).map(Arc::from),
            sentence: explanation.reason.into(),
        };
        if hears {
            let kept = Kept {
                user_id: asked.user_id.into(),
                resource: asked.resource.into(),
                permission: asked.permission.into(),
                is_yes: explanation.decision == "allow",
                seen,
                reason: reason.clone(),
            };
            reasons.keep(asked, kept);
        }
        Ok(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question<'a>(user_id: &'a str, resource: &'a str, permission: &'a str) -> Question<'a> {
        Question { user_id, resource, permission }
    }

    fn keep(reasons: &Reasons, epochs: &ContextEpochs, asked: Question<'_>, is_yes: bool) {
        let kept = Kept {
            user_id: asked.user_id.into(),
            resource: asked.resource.into(),
            permission: asked.permission.into(),
            is_yes,
            seen: reasons.seen(epochs, asked.user_id),
            reason: Reason { record_id: None, sentence: "because".into() },
        };
        reasons.keep(asked, kept);
    }

    fn is_kept(reasons: &Reasons, epochs: &ContextEpochs, asked: Question<'_>) -> bool {
        reasons.find(asked, reasons.seen(epochs, asked.user_id)).is_some()
    }

    #[test]
    fn az_06_a_reason_answers_its_own_question_and_no_other() {
        // One place, so that every question meets every other.
        let reasons = Reasons { places: Box::new([ArcSwapOption::empty()]), ..Reasons::default() };
        let epochs = ContextEpochs::default();
        keep(&reasons, &epochs, question("a", "b/c", "d"), true);
        assert!(is_kept(&reasons, &epochs, question("a", "b/c", "d")));
        for (user, resource, permission) in
            [("a", "b", "c/d"), ("ab", "/c", "d"), ("a", "b/cd", ""), ("", "ab/c", "d"), ("A", "b/c", "d")]
        {
            assert!(!is_kept(&reasons, &epochs, question(user, resource, permission)), "{user} {resource}");
        }
    }

    #[test]
    fn a_yes_is_void_by_its_users_changes_and_a_no_by_everybodys() {
        let (reasons, epochs) = (Reasons::default(), ContextEpochs::default());
        let (yes, no) = (question("a", "b", "yes"), question("a", "b", "no"));
        let after = |change: &dyn Fn()| {
            keep(&reasons, &epochs, yes, true);
            keep(&reasons, &epochs, no, false);
            change();
            (is_kept(&reasons, &epochs, yes), is_kept(&reasons, &epochs, no))
        };
        assert_eq!(after(&|| ()), (true, true));
        assert_eq!(after(&|| reasons.grants_changed()), (true, false));
        assert_eq!(after(&|| reasons.public_changed()), (false, false));
        assert_eq!(after(&|| epochs.forget(Remembers::Subject("a"))), (false, false));
        assert_eq!(after(&|| epochs.forget_all()), (false, false));
    }
}
