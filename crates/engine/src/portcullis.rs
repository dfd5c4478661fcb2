use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;
use portcullis_authz::{Decider, HashKey};
use portcullis_domain::SessionPolicy;
use portcullis_jose::{MasterKey, VerifiedTokens};
use portcullis_store::{OpenOptions, Snapshot, Store};
use portcullis_types::authress::{Link, Links};
use portcullis_types::{Clock, Rng, Timestamp};
use tokio::sync::{Mutex, Semaphore};

use crate::access::DenialLog;
use crate::application::ApplicationMemory;
use crate::bearer::Bearer;
use crate::change::Follower;
use crate::guard::{ContextEpochs, Reasons, Registry, Stages, UnknownOperation};
use crate::key::SigningKeys;
use crate::mail::{Mailer, Post};
use crate::oauth::device::{DeviceSettings, Paces};
use crate::password::{PasswordSettings, PasswordWork, Passwords};
use crate::session::Touches;
use crate::sign_in::{SignInSettings, Turns};
use crate::system::{SystemClock, SystemRng};
use crate::{Error, Result};

/// What an installation is made of, besides its database. Start from [`Settings::new`] and replace what differs.
#[derive(Clone)]
pub struct Settings {
    /// The origin under which clients reach this installation, without a trailing slash: the issuer of its tokens, and the
    /// base of every link. The only source of both.
    pub public_url: String,
    /// Other origins that service clients may write into the issuer of the tokens that they sign.
    pub origin_aliases: Vec<String>,
    /// What signing keys are sealed under.
    pub master_key: MasterKey,
    /// The name of this node in logs and in the audit trail.
    pub node: String,
    /// The most bytes of grant sets to keep in memory.
    pub grant_cache_bytes: usize,
    /// The most verified tokens to keep in memory.
    pub token_cache_entries: usize,
    /// How long sessions and their tokens live.
    pub sessions: SessionPolicy,
    /// For how long a new signing key is published before it signs, in seconds: longer than anybody keeps an older key set. Ours
    /// says 300 seconds; 600 by default.
    pub key_publish_secs: u32,
    /// How the database is opened.
    pub database: OpenOptions,
    /// How passwords are hashed, and which may be set.
    pub passwords: PasswordSettings,
    /// How people sign in.
    pub sign_in: SignInSettings,
    /// How devices sign in (RFC 8628).
    pub devices: DeviceSettings,
    /// What sends mail. Without it nothing is sent, and what needs a mail to be answered is not offered.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// The stages of the guard.
    pub stages: Stages,
    /// What the guard does about operations that nobody registered.
    pub unknown_operation: UnknownOperation,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub rng: Arc<dyn Rng>,
}

impl Settings {
    /// Safe defaults for an installation at `public_url`.
    pub fn new(public_url: impl Into<String>, master_key: MasterKey) -> Self {
        let public_url: String = public_url.into();
        Self {
            public_url: public_url.trim_end_matches('/').to_owned(),
            origin_aliases: Vec::new(),
            master_key,
            node: "local".to_owned(),
            grant_cache_bytes: 256 << 20,
            token_cache_entries: 10_000,
            sessions: SessionPolicy::default(),
            key_publish_secs: 600,
            database: OpenOptions::default(),
            passwords: PasswordSettings::default(),
            sign_in: SignInSettings::default(),
            devices: DeviceSettings::default(),
            mailer: None,
            stages: Stages::default(),
            unknown_operation: UnknownOperation::default(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
        }
    }
}

/// Portcullis in this process: the database, the decision engine over it, and the keys. Cheap to clone.
#[derive(Clone)]
pub struct Portcullis {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) decider: Decider,
    pub(crate) verified: VerifiedTokens<Bearer>,
    /// Access tokens of ours for whomever they are. Apart from the ones above, which open this API.
    pub(crate) issued: VerifiedTokens<Bearer>,
    /// Replaced as a whole when they change.
    pub(crate) keys: ArcSwap<SigningKeys>,
    /// One key is made at a time.
    pub(crate) making_key: Mutex<()>,
    pub(crate) account: Account,
    /// One load of a principal at a time, by a part of its name: a crowd that asks for the same one waits for one load.
    pub(crate) loading: Box<[Mutex<()>]>,
    /// Roles and public resources are read and put into memory in one step, one after another.
    pub(crate) refreshing: Mutex<()>,
    /// The name of this process in changes: of two nodes with one name neither may take the other's for its own.
    pub(crate) instance: String,
    pub(crate) follower: Follower,
    pub(crate) denials: DenialLog,
    pub(crate) registry: Registry,
    pub(crate) applications: ApplicationMemory,
    pub(crate) context_epochs: ContextEpochs,
    pub(crate) reasons: Reasons,
    pub(crate) passwords: Passwords,
    pub(crate) turns: Turns,
    /// When devices polled last.
    pub(crate) paces: Paces,
    pub(crate) post: Post,
    /// How many refusals may be on their way into the audit trail at once.
    pub(crate) refusals: Arc<Semaphore>,
    /// Set while what other nodes changed cannot be read: nothing is answered from memory then.
    pub(crate) cut_off: AtomicBool,
    /// Uses of sessions that are to be written down.
    pub(crate) touches: Touches,
}

/// This installation's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `acc-` and 25 characters.
    pub account_id: String,
    /// The service client that owns everything, made with the installation.
    pub owner_client_id: String,
    /// When the installation was made.
    pub created_at: Timestamp,
}

impl Portcullis {
    /// Opens a database that was migrated and [bootstrapped](crate::bootstrap) before, loads what every decision needs, and
    /// begins to follow the changes of other nodes. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the database holds no installation; [`Error::Internal`] when the master key does not open
    /// its signing keys; [`Error::Invalid`] for a setting that is out of bounds.
    pub async fn start(store: Arc<dyn Store>, settings: Settings) -> Result<Self> {
        let account = crate::account::load(&*store).await?.ok_or(Error::NotFound("installation"))?;
        let rng = Arc::clone(&settings.rng);
        let decider = Decider::new(HashKey::generate(&*rng)?, settings.grant_cache_bytes);
        let follower = Follower::from_now(&*store, settings.clock.now()).await?;
        let keys = ArcSwap::from_pointee(SigningKeys::load(&*store, &settings.master_key).await?);
        let memory = || {
            let entries = settings.token_cache_entries;
            VerifiedTokens::new(entries, entries.saturating_mul(2048), &*rng)
        };
        let (verified, issued) = (memory()?, memory()?);
        let passwords = Passwords::new(settings.passwords.clone(), &settings.public_url, Arc::clone(&rng))?;
        let (touches, used) = Touches::new();
        let inner = Inner {
            passwords,
            turns: Turns::default(),
            paces: Paces::default(),
            post: Post::new(settings.mailer.clone()),
            decider,
            verified,
            issued,
            keys,
            making_key: Mutex::new(()),
            account,
            loading: (0..64).map(|_| Mutex::new(())).collect(),
            refreshing: Mutex::new(()),
            instance: portcullis_types::mint(&format!("{}-", settings.node), &*settings.clock, &*rng)?,
            follower,
            denials: DenialLog::default(),
            registry: Registry::default(),
            applications: ApplicationMemory::default(),
            context_epochs: ContextEpochs::default(),
            reasons: Reasons::default(),
            refusals: Arc::new(Semaphore::new(16)),
            cut_off: AtomicBool::new(false),
            touches,
            settings,
            store,
        };
        let portcullis = Self { inner: Arc::new(inner) };
        portcullis.refresh_roles().await?;
        portcullis.refresh_public().await?;
        portcullis.refresh_registry().await?;
        crate::change::follow(&portcullis);
        crate::guard::charge_in_background(&portcullis);
        crate::session::keep_touching(&portcullis, used);
        crate::credits::sweep_in_background(&portcullis);
        Ok(portcullis)
    }

    /// This installation's identity.
    pub fn account(&self) -> &Account {
        &self.inner.account
    }

    /// The issuer of user tokens, and the base of every link: without a trailing slash.
    pub fn public_url(&self) -> &str {
        &self.inner.settings.public_url
    }

    /// The name of this node.
    pub fn node(&self) -> &str {
        &self.inner.settings.node
    }

    /// The database underneath.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// The instant that decisions are made at.
    pub fn now(&self) -> Timestamp {
        self.inner.settings.clock.now()
    }

    /// Where the instants come from, for whoever counts beside the decisions.
    pub fn time_source(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.settings.clock)
    }

    /// Whether requests can be answered well: the database answers, its schema is right, and other nodes' changes are heard.
    ///
    /// # Errors
    /// [`Error::Unavailable`] or [`Error::Internal`] with the reason.
    pub async fn ready(&self) -> Result<()> {
        self.inner.store.ping().await?;
        if !self.inner.store.migrated().await? {
            return Err(Error::internal("the schema is not at this program's version"));
        }
        if self.inner.cut_off.load(std::sync::atomic::Ordering::Acquire) {
            return Err(Error::internal("changes of other nodes cannot be read"));
        }
        Ok(())
    }

    /// Ends the following of changes and closes the database, after the transactions that are open. What is asked from now on
    /// fails.
    pub async fn close(&self) {
        self.inner.follower.close();
        self.inner.passwords.close();
        self.inner.post.close().await;
        // Nobody hears of changes any more, so nothing may be answered from memory either.
        self.inner.cut_off.store(true, std::sync::atomic::Ordering::Release);
        self.inner.verified.clear();
        self.inner.issued.clear();
        self.decider().forget_all();
        self.inner.applications.forget_all();
        self.inner.store.close().await;
    }

    /// How many grant sets are in memory, and how many bytes they take.
    pub fn grant_cache_size(&self) -> (usize, usize) {
        self.inner.decider.cache().size()
    }

    /// How many verified tokens are in memory.
    pub fn token_cache_size(&self) -> usize {
        self.inner.verified.len()
    }

    /// What the password pool did, and what waits there.
    pub fn password_work(&self) -> PasswordWork {
        self.inner.passwords.work()
    }

    /// The account as the API shows it.
    pub fn account_wire(&self) -> portcullis_types::authress::Account {
        let account = self.account();
        portcullis_types::authress::Account {
            account_id: account.account_id.clone(),
            created_time: account.created_at,
            name: None,
            company: std::collections::BTreeMap::new(),
            links: self.links(&format!("/v1/accounts/{}", account.account_id)),
        }
    }

    pub(crate) fn decider(&self) -> &Decider {
        &self.inner.decider
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    pub(crate) fn post(&self) -> &Post {
        &self.inner.post
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        &*self.inner.settings.rng
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.settings.clock
    }

    pub(crate) async fn read(&self) -> Result<Box<dyn Snapshot>> {
        Ok(self.inner.store.read().await?)
    }

    pub(crate) fn mint(&self, prefix: &str) -> Result<String> {
        Ok(portcullis_types::mint(prefix, self.clock(), self.rng())?)
    }

    /// The links of a thing at `path`, which begins with `/`.
    pub(crate) fn links(&self, path: &str) -> Links {
        Links { this: Some(Link { href: format!("{}{path}", self.public_url()), rel: None }) }
    }

    /// Runs a use case that writes to its end, also when whoever asked for it goes away.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        tokio::spawn(work).await?
    }
}
