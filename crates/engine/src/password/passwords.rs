use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use portcullis_types::{FieldError, Rng, Sensitive};

use super::hash::{self, SALT_LEN, Verdict};
use super::normalized::NormalizedPassword;
use super::pool::PasswordPool;
use super::settings::PasswordSettings;
use super::{import, policy};
use crate::Result;

/// Everything about passwords that use cases call. Whatever computes does so in the pool.
pub(crate) struct Passwords {
    settings: PasswordSettings,
    /// Of this installation, not to be made a password of.
    words: BTreeSet<String>,
    pool: PasswordPool,
    rng: Arc<dyn Rng>,
    hashed: Arc<AtomicU64>,
}

/// What the password pool did since the start, and does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordWork {
    /// Hashes computed: one for each password that was set, compared, or compared with nothing because nobody was there.
    pub hashed: u64,
    /// Computations that wait now.
    pub waiting: usize,
    /// Computations refused because too many waited.
    pub refused: u64,
}

impl Passwords {
    /// Passwords of the installation at `public_url`, whose host is a word of the context of each.
    ///
    /// # Errors
    /// [`FieldError`] for a setting that is out of bounds.
    pub(crate) fn new(
        settings: PasswordSettings,
        public_url: &str,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, FieldError> {
        settings.check()?;
        let host = public_url.split("://").last().and_then(|rest| rest.split([':', '/']).next());
        let configured = settings.policy.words.iter().map(String::as_str);
        let words = policy::words(configured.chain(["portcullis"]).chain(host));
        let pool = PasswordPool::new(settings.threads, settings.queue);
        Ok(Self { settings, words, pool, rng, hashed: Arc::default() })
    }

    /// Reads a password that somebody presents to prove who they are. Only bounds: the policy is for new ones.
    ///
    /// # Errors
    /// [`FieldError`] on `field` when it is empty or longer than any password may be, before anything is computed.
    pub(crate) fn presented(
        &self,
        field: &str,
        password: &Sensitive,
    ) -> Result<NormalizedPassword, FieldError> {
        NormalizedPassword::read(field, password)
    }

    /// Reads a new password and checks its length, before anything is computed. [`Passwords::judge`] does the rest.
    ///
    /// # Errors
    /// [`FieldError`] on `field`.
    pub(crate) fn prepare(
        &self,
        field: &str,
        password: &Sensitive,
    ) -> Result<NormalizedPassword, FieldError> {
        self.settings.policy.prepare(field, password)
    }

    /// Refuses a new password that is common, or easy to guess for somebody who knows its `context`: the user's address, the
    /// user's name.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) on `field` with the reason; [`Error::Busy`](crate::Error::Busy).
    pub(crate) async fn judge(
        &self,
        field: &str,
        password: &NormalizedPassword,
        context: &[&str],
    ) -> Result<()> {
        let (policy, password, field) = (self.settings.policy.clone(), password.clone(), field.to_owned());
        let mut words = policy::words(context.iter().copied());
        words.extend(self.words.iter().cloned());
        let judged = self.pool.run(move |_| policy.judge(&field, password.text(), &words)).await?;
        Ok(judged?)
    }

    /// A hash to store.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy), or a failure of ours.
    pub(crate) async fn hash(&self, password: &NormalizedPassword) -> Result<String> {
        let mut salt = [0; SALT_LEN];
        self.rng.fill(&mut salt)?;
        let (cost, password, hashed) = (self.settings.cost, password.clone(), Arc::clone(&self.hashed));
        let made = move |memory: &mut hash::Memory| {
            hashed.fetch_add(1, Ordering::Relaxed);
            hash::make(cost, &password, &salt, memory)
        };
        Ok(self.pool.run(made).await??)
    }

    /// Compares a password with what is stored of a user. With nothing stored, or nobody there, it does the same work and
    /// says no (AU-09): call it in both cases.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy), or a failure of ours; neither is a yes.
    pub(crate) async fn verify(
        &self,
        presented: &NormalizedPassword,
        stored: Option<&str>,
    ) -> Result<Verdict> {
        let (cost, presented, stored) = (self.settings.cost, presented.clone(), stored.map(str::to_owned));
        let hashed = Arc::clone(&self.hashed);
        let compare = move |memory: &mut hash::Memory| {
            hashed.fetch_add(1, Ordering::Relaxed);
            hash::verify(cost, &presented, stored.as_deref(), memory)
        };
        Ok(self.pool.run(compare).await??)
    }

    /// Refuses a hash of another system that cannot be taken over, with what could be.
    ///
    /// # Errors
    /// [`FieldError`] on `field`.
    pub(crate) fn check_import(&self, field: &str, hash: &str) -> Result<(), FieldError> {
        import::check(field, hash)
    }

    /// What was done, and what waits.
    pub(crate) fn work(&self) -> PasswordWork {
        PasswordWork {
            hashed: self.hashed.load(Ordering::Relaxed),
            waiting: self.pool.waiting(),
            refused: self.pool.refused(),
        }
    }

    /// Ends the threads.
    pub(crate) fn close(&self) {
        self.pool.close();
    }
}
