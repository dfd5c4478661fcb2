use std::path::PathBuf;
use std::sync::Arc;

use portcullis_jose::MasterKey;
use portcullis_store::{OpenOptions, is_in_memory, sqlite_file};
use portcullis_types::{Clock, Rng};

use super::error::OpenError;
use super::key_file::{KeyFile, KeySource};
use super::prepare::prepare;
use super::private_file::create_private_folder;
use crate::mail::Mailer;
use crate::{Portcullis, Settings, SystemClock, SystemRng};

/// The issuer of tokens that nobody else reads.
const EMBEDDED: &str = "http://localhost";

type Change = Box<dyn FnOnce(&mut Settings) + Send>;

/// How an application opens Portcullis in its own process: see [`Portcullis::builder`].
pub struct Builder {
    url: String,
    public_url: String,
    key: Option<Key>,
    database: OpenOptions,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    changes: Vec<Change>,
}

/// What was said about the master key.
enum Key {
    Given(MasterKey),
    File(PathBuf),
    Folder(PathBuf),
}

impl Portcullis {
    /// Opens the database at `url` in this process, with defaults that are safe: [`Portcullis::builder`] says which. No server is
    /// needed. Must be called inside a tokio runtime.
    ///
    /// Somebody registers and signs in; then a route asks who it is, and whether they may do what it does. (In an axum application
    /// the layers of `portcullis-tower` ask this for each route.)
    ///
    /// ```
    /// use portcullis::session::{self, Device};
    /// use portcullis::{Cx, Portcullis, sign_in};
    /// use portcullis_types::auth::{LoginBody, RegisterBody};
    /// use portcullis_types::{Guard as _, GuardRequest, Sensitive};
    ///
    /// # async fn example(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    /// let portcullis = Portcullis::open(format!("sqlite://{}/app.db", folder.display())).await?;
    ///
    /// let (email, password) = ("alice@example.com".to_owned(), Sensitive::new("a long walk by the quiet river"));
    /// let alice = RegisterBody { email: email.clone(), password: password.clone(), name: None, pool: None };
    /// sign_in::register(&portcullis, &Cx::local("documents"), alice).await?;
    ///
    /// let login = LoginBody { email, password, pool: None, device_name: None };
    /// let tokens = session::log_in(&portcullis, Device::default(), login).await?;
    ///
    /// let token = tokens.access_token.expose();
    /// let who = portcullis.check(GuardRequest::who(token)).await;
    /// assert_eq!(who.context.as_ref().and_then(|context| context.subject()), Some(&*tokens.user.id));
    ///
    /// let may = portcullis.check(GuardRequest::new(token, "create_document")).await;
    /// assert!(!may.is_allowed()); // nobody registered the operation, and nobody gave Alice a role
    /// assert_eq!(may.status_code, 403);
    /// # portcullis.close().await;
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// #     example(tempfile::tempdir().unwrap().path()).await.unwrap();
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(url: impl Into<String>) -> Result<Self, OpenError> {
        Self::builder(url).open().await
    }

    /// Opens the database at `url` (`sqlite://PATH`, `sqlite::memory:` or `postgres://…`) once [`Builder::open`] is called: brings its
    /// schema up to date (tables that begin with `pc_`, beside the application's own), makes the installation and its signing key if
    /// there is none, and begins to decide. A server, or another process of the application, may use the same database at the same
    /// time.
    ///
    /// # The master key
    /// Signing keys are sealed under it. Whoever has the database without it can forge nothing; whoever loses it loses the signing
    /// keys. Nothing is read from the environment. The key is
    ///
    /// | said | key |
    /// |---|---|
    /// | [`master_key`](Builder::master_key) | the given one |
    /// | [`master_key_file`](Builder::master_key_file) | in that file |
    /// | [`data_dir`](Builder::data_dir) | in `master.key` of that folder, where `portcullis serve --data-dir` looks too |
    /// | nothing, `sqlite://PATH` | in `PATH.master.key` |
    /// | nothing, `sqlite::memory:` | a new one, which goes when the database goes |
    /// | nothing, PostgreSQL | refused: [`OpenError::KeyNotGiven`] |
    ///
    /// A file that is missing is made together with the installation, for its owner only (0600), and never replaced.
    pub fn builder(url: impl Into<String>) -> Builder {
        Builder {
            url: url.into(),
            public_url: EMBEDDED.to_owned(),
            key: None,
            database: OpenOptions::default(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            changes: Vec::new(),
        }
    }
}

impl Builder {
    /// The origin under which clients reach the application: the issuer and the audience of its tokens, and the base of links in
    /// mails. `http://localhost` unless it is said; a change of it makes older tokens invalid.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = url.into();
        self
    }

    /// The folder that holds `master.key`; it is made for its owner only.
    #[must_use]
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.key = Some(Key::Folder(folder.into()));
        self
    }

    /// The file that holds the master key; its folder must exist.
    #[must_use]
    pub fn master_key_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.key = Some(Key::File(file.into()));
        self
    }

    /// The master key.
    #[must_use]
    pub fn master_key(mut self, key: MasterKey) -> Self {
        self.key = Some(Key::Given(key));
        self
    }

    /// What sends mail. Without it, what needs a mail to be answered (a forgotten password) is not offered.
    #[must_use]
    pub fn mailer(self, mailer: Arc<dyn Mailer>) -> Self {
        self.settings(move |settings| settings.mailer = Some(mailer))
    }

    /// How the database is opened.
    #[must_use]
    pub fn database(mut self, options: OpenOptions) -> Self {
        self.database = options;
        self
    }

    /// Where the time comes from, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where chance comes from, for tests.
    #[must_use]
    pub fn rng(mut self, rng: Arc<dyn Rng>) -> Self {
        self.rng = rng;
        self
    }

    /// For development only: the guard believes every token and makes its context up. See [`Stages::with_fake_context`](crate::guard::Stages::with_fake_context).
    #[must_use]
    pub fn fake_guard_context(self) -> Self {
        self.settings(|settings| settings.stages = settings.stages.clone().with_fake_context())
    }

    /// Changes any other setting, just before the start.
    #[must_use]
    pub fn settings(mut self, change: impl FnOnce(&mut Settings) + Send + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// Opens it. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(self) -> Result<Portcullis, OpenError> {
        let source = self.key_source()?;
        let store = portcullis_store::open(&self.url, self.database.clone()).await?;
        // The owner's access key is not kept: the application acts by itself, and whoever wants one makes another.
        let opened = match prepare(&*store, &source, &*self.clock, &*self.rng, |_| Ok(())).await {
            Ok(prepared) => {
                let mut settings = Settings::new(self.public_url, prepared.master_key);
                settings.database = self.database;
                settings.clock = self.clock;
                settings.rng = self.rng;
                self.changes.into_iter().for_each(|change| change(&mut settings));
                Portcullis::start(Arc::clone(&store), settings).await.map_err(OpenError::from)
            }
            Err(error) => Err(error),
        };
        if opened.is_err() {
            store.close().await;
        }
        opened
    }

    fn key_source(&self) -> Result<KeySource, OpenError> {
        let file = match &self.key {
            Some(Key::Given(key)) => return Ok(KeySource::Given(key.clone())),
            Some(Key::File(file)) => file.clone(),
            Some(Key::Folder(folder)) => {
                create_private_folder(folder)
                    .map_err(|source| OpenError::KeyFile { path: folder.clone(), source })?;
                folder.join("master.key")
            }
            None if is_in_memory(&self.url) => {
                let key = MasterKey::generate(&*self.rng).map_err(crate::Error::internal)?;
                return Ok(KeySource::Given(key));
            }
            None => {
                let database = sqlite_file(&self.url).ok_or(OpenError::KeyNotGiven)?;
                let mut file = database.into_os_string();
                file.push(".master.key");
                file.into()
            }
        };
        Ok(KeySource::File(KeyFile::at(file)))
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The database's URL may hold a password.
        f.debug_struct("Builder").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}
