use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use portcullis_types::{FieldError, Rng, Sensitive};

use super::error::PasswordError;
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
        let judged = self.pool.run(move |_| {
            if policy.is_breached(password.text())? {
                return Ok(Err(FieldError::new(field, "a password that was not part of a known breach")));
            }
            Ok::<_, PasswordError>(policy.judge(&field, password.text(), &words))
        });
        Ok(judged.await???)
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

#[cfg(test)]
mod tests {
    use portcullis_types::RngError;

    use super::super::settings::{HashCost, PasswordPolicy};
    use super::*;
    use crate::Error;

    struct Counting(AtomicU64);

    impl Rng for Counting {
        fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
            let next = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
            dest.iter_mut().zip(next.iter().cycle()).for_each(|(to, from)| *to = *from);
            Ok(())
        }
    }

    fn settings() -> PasswordSettings {
        let cost = HashCost { memory_kib: 64, iterations: 1, parallelism: 1 };
        PasswordSettings { cost, threads: 1, ..PasswordSettings::default() }
    }

    fn passwords(settings: PasswordSettings) -> Passwords {
        let rng = Arc::new(Counting(AtomicU64::new(0)));
        Passwords::new(settings, "https://accounts.wonderland.example:8443", rng).unwrap()
    }

    fn presented(passwords: &Passwords, text: &str) -> NormalizedPassword {
        passwords.presented("password", &Sensitive::new(text)).unwrap()
    }

    #[tokio::test]
    async fn what_was_set_matches_and_each_hash_has_a_salt_of_its_own() {
        let passwords = passwords(settings());
        let password = passwords.prepare("password", &Sensitive::new("seven quiet herons")).unwrap();
        passwords.judge("password", &password, &["alice@example.org"]).await.unwrap();
        let (one, other) =
            (passwords.hash(&password).await.unwrap(), passwords.hash(&password).await.unwrap());
        assert_ne!(one, other);
        for stored in [one, other] {
            let verdict = passwords.verify(&password, Some(&stored)).await.unwrap();
            assert_eq!(verdict, Verdict { matches: true, outdated: false });
        }
    }

    #[tokio::test]
    async fn au_09_a_user_who_is_not_there_takes_the_same_work() {
        let passwords = passwords(settings());
        let stored = passwords.hash(&presented(&passwords, "seven quiet herons")).await.unwrap();
        for text in ["wrong", "seven quiet herons", "cafe\u{301}"] {
            let password = presented(&passwords, text);
            let before = passwords.work().hashed;
            let there = passwords.verify(&password, Some(&stored)).await.unwrap();
            let between = passwords.work().hashed;
            let nobody = passwords.verify(&password, None).await.unwrap();
            let after = passwords.work().hashed;
            assert_eq!(there.matches, text == "seven quiet herons");
            assert_eq!(nobody, Verdict { matches: false, outdated: false });
            assert_eq!(between - before, after - between, "{text}");
        }
    }

    #[tokio::test]
    async fn a_megabyte_is_refused_before_anything_is_computed() {
        let passwords = passwords(settings());
        let long = Sensitive::new("a".repeat(1 << 20));
        assert_eq!(passwords.presented("password", &long).unwrap_err().field, "password");
        assert_eq!(passwords.prepare("newPassword", &long).unwrap_err().field, "newPassword");
        assert_eq!(passwords.work(), PasswordWork { hashed: 0, waiting: 0, refused: 0 });
    }

    #[tokio::test]
    async fn au_01_what_is_presented_is_not_held_to_the_policy() {
        let passwords = passwords(settings());
        let stored = "$2b$04$abcdefghijklmnopqrstuurG5D6a6zaNUFhrAAFGoAlb4fspP1RXy";
        passwords.check_import("passwordHash", stored).unwrap();
        assert!(passwords.prepare("password", &Sensitive::new("short")).is_err());
        assert!(!passwords.verify(&presented(&passwords, "short"), Some(stored)).await.unwrap().matches);
        let verdict =
            passwords.verify(&presented(&passwords, "seven quiet herons"), Some(stored)).await.unwrap();
        assert_eq!(verdict, Verdict { matches: true, outdated: true });
    }

    #[tokio::test]
    async fn au_05_names_of_the_service_and_configured_words_are_of_the_context() {
        let policy = PasswordPolicy { words: vec!["Cheshire Cat".to_owned()], ..PasswordPolicy::default() };
        let passwords = passwords(PasswordSettings { policy, ..settings() });
        for text in ["wonderland wonder", "Portcullis 2026!!", "cheshire cat 2026"] {
            let password = passwords.prepare("password", &Sensitive::new(text)).unwrap();
            let refused = passwords.judge("password", &password, &[]).await.unwrap_err();
            assert!(
                matches!(&refused, Error::Invalid(field) if field.field == "password"),
                "{text}: {refused}"
            );
            assert!(!refused.to_string().contains(text));
        }
    }

    #[tokio::test]
    async fn au_05_a_breached_password_is_refused_and_a_list_that_is_gone_is_no_all_clear() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("breached.txt");
        // SHA-1 of "seven quiet herons".
        std::fs::write(&file, "F76449C3F78912D8EE5EBBA8BCE83159D517F07E:12\n").unwrap();
        let policy = PasswordPolicy { breached: Some(file.clone()), ..PasswordPolicy::default() };
        let passwords = passwords(PasswordSettings { policy, ..settings() });
        let breached = presented(&passwords, "seven quiet herons");
        let refused = passwords.judge("password", &breached, &[]).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Invalid(field) if field.expected.contains("known breach")),
            "{refused}"
        );
        passwords.judge("password", &presented(&passwords, "nine quiet herons fly"), &[]).await.unwrap();
        std::fs::remove_file(&file).unwrap();
        let unread = passwords.judge("password", &presented(&passwords, "nine quiet herons fly"), &[]).await;
        assert!(matches!(unread, Err(Error::Internal(_))), "{unread:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_flood_of_logins_is_answered_whole_as_done_or_busy() {
        let passwords = Arc::new(passwords(PasswordSettings { queue: 4, ..settings() }));
        let stored = passwords.hash(&presented(&passwords, "seven quiet herons")).await.unwrap();
        let mut logins = tokio::task::JoinSet::new();
        for _ in 0..500 {
            let (passwords, stored) = (Arc::clone(&passwords), stored.clone());
            logins.spawn(async move {
                let password = presented(&passwords, "wrong");
                passwords.verify(&password, Some(&stored)).await
            });
        }
        let (mut done, mut busy) = (0, 0);
        while let Some(login) = logins.join_next().await {
            match login.unwrap() {
                Ok(verdict) => {
                    assert!(!verdict.matches);
                    done += 1;
                }
                Err(Error::Busy { retry_after_secs }) => {
                    assert!((1..=60).contains(&retry_after_secs));
                    busy += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
        let work = passwords.work();
        assert_eq!((done + busy, done + 1, busy), (500, work.hashed, work.refused));
        assert_eq!(work.waiting, 0);
    }

    #[tokio::test]
    async fn a_stored_text_that_is_no_hash_is_our_fault_and_no_yes() {
        let passwords = passwords(settings());
        let verdict = passwords.verify(&presented(&passwords, "anything"), Some("anything")).await;
        assert!(matches!(verdict, Err(Error::Internal(_))));
    }
}
