use std::sync::Arc;

use portcullis_client::Client;
use portcullis_client::area::Registered;
use portcullis_server::portcullis::mail::InboxMailer;
use portcullis_server::portcullis::{Cx, HashCost, Portcullis, token};
use portcullis_server::{Ambient, Config, Flags, MailConfig, SecretText, Server};
use portcullis_types::auth::{RegisterBody, TokenBody};
use portcullis_types::{Clock, Rng, Sensitive};
use tempfile::TempDir;

use crate::TestError;
use crate::rng::KernelRng;

/// How long the tokens of [`TestServer::user_token`] hold.
const TOKEN_SECS: i64 = 24 * 60 * 60;
/// A hash that costs nothing, and protects nothing either.
const CHEAP: HashCost = HashCost { memory_kib: 8, iterations: 1, parallelism: 1 };

/// A server of this process. Dropped, it stops; [`TestServer::shutdown`] also waits for requests in flight.
pub struct TestServer {
    server: Server,
    access_key: String,
    client: Client,
    config: Config,
    inbox: Option<Arc<InboxMailer>>,
    // Last, so that the database is closed before its file goes.
    folder: TempDir,
}

/// A change of the configuration.
type Change = Box<dyn FnOnce(&mut Config) + Send>;

/// What a [`TestServer`] is made of.
#[derive(Default)]
pub struct TestServerBuilder {
    database: Option<String>,
    clock: Option<Arc<dyn Clock>>,
    rng: Option<Arc<dyn Rng>>,
    inbox: Option<Arc<InboxMailer>>,
    configure: Vec<Change>,
}

impl TestServer {
    /// Starts a server with a SQLite database of its own, in memory where the system has a file system there.
    ///
    /// # Errors
    /// [`TestError`].
    pub async fn start() -> Result<Self, TestError> {
        Self::builder().start().await
    }

    /// A server that differs from the usual.
    pub fn builder() -> TestServerBuilder {
        TestServerBuilder::default()
    }

    /// Where it answers: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The owner's access key: a bearer that may do everything. Empty when the database was made by another server.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// A client of this server with the owner's rights, and with this server's clock. [`Client::with_token`] makes one of a
    /// user of it. It asks as nobody when the database was made by another server.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The owner: the service client of [`TestServer::access_key`].
    pub fn client_id(&self) -> &str {
        &self.server.bootstrap().client_id
    }

    /// The installation.
    pub fn account_id(&self) -> &str {
        &self.server.bootstrap().account_id
    }

    /// A token for a user, who need not be known to the server; it holds for a day.
    ///
    /// # Errors
    /// [`TestError::Refused`] for what is no user id.
    pub async fn user_token(&self, user_id: &str) -> Result<String, TestError> {
        let minted = token::mint(self.portcullis(), &Cx::local("testkit"), user_id, TOKEN_SECS).await?;
        Ok(minted.token)
    }

    /// Registers a user of the pool `main`, over HTTP, and signs them in. The password is one that the policy takes: 15
    /// characters that are hard to guess, unless configured otherwise.
    ///
    /// # Errors
    /// [`TestError::Client`]; [`TestError::MailSent`] from a server that sends mail: what signs in is then in the inbox.
    pub async fn register(&self, email: &str, password: &str) -> Result<TokenBody, TestError> {
        let (email, password) = (email.to_owned(), Sensitive::new(password));
        let user = RegisterBody { email, password, name: None, pool: None };
        match self.client.auth().register(&user).await? {
            Registered::SignedIn(tokens) => Ok(*tokens),
            Registered::MailSent(_) => Err(TestError::MailSent),
        }
    }

    /// Signs a user of the pool `main` in, over HTTP.
    ///
    /// # Errors
    /// [`TestError::Client`].
    pub async fn login(&self, email: &str, password: &str) -> Result<TokenBody, TestError> {
        Ok(self.client.auth().login(email, password).await?)
    }

    /// The mails that were sent, of a server that was [built](TestServerBuilder::inbox) with an inbox.
    pub fn inbox(&self) -> Option<&InboxMailer> {
        self.inbox.as_deref()
    }

    /// The use cases behind the server, and their database.
    pub fn portcullis(&self) -> &Portcullis {
        self.server.portcullis()
    }

    /// What it was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Stops: requests in flight are finished, the database is closed, the folder is removed.
    pub async fn shutdown(self) {
        let Self { server, folder, .. } = self;
        server.shutdown().await;
        drop(folder);
    }
}

impl TestServerBuilder {
    /// Another database. To share one between servers, give them the same master key: see
    /// [`TestServerBuilder::master_key`].
    #[must_use]
    pub fn database(mut self, url: impl Into<String>) -> Self {
        self.database = Some(url.into());
        self
    }

    /// Another clock, such as a [`MovableClock`](crate::MovableClock).
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Another source of chance, such as a [`SeededRng`](crate::SeededRng).
    #[must_use]
    pub fn rng(mut self, rng: Arc<dyn Rng>) -> Self {
        self.rng = Some(rng);
        self
    }

    /// Sends mail into an inbox in memory: see [`TestServer::inbox`]. Without, no mail is sent at all.
    #[must_use]
    pub fn inbox(mut self) -> Self {
        self.inbox = Some(Arc::default());
        self
    }

    /// A master key, as 64 hexadecimal digits: what nodes of one installation have in common.
    #[must_use]
    pub fn master_key(self, key: impl Into<String>) -> Self {
        let secret = SecretText::new(key);
        self.configure(move |config| {
            config.master_key = Some(portcullis_server::Given { secret, origin: "the test".to_owned() });
        })
    }

    /// Changes any other setting. What differs from a server's own defaults: hashing a password costs next to nothing, and
    /// attempts at credentials are not limited by address, because all tests have one.
    #[must_use]
    pub fn configure(mut self, change: impl FnOnce(&mut Config) + Send + 'static) -> Self {
        self.configure.push(Box::new(change));
        self
    }

    /// Starts it, and returns when it answers.
    ///
    /// # Errors
    /// [`TestError`].
    pub async fn start(self) -> Result<TestServer, TestError> {
        let folder = folder()?;
        let flags = Flags {
            listen: Some("127.0.0.1:0".to_owned()),
            data_dir: Some(folder.path().display().to_string()),
            database: self.database.map(SecretText::new),
            ..Flags::default()
        };
        // Not from the environment: a test is the same everywhere.
        let mut config = Config::load(&flags, []).map_err(portcullis_server::Error::from)?;
        config.passwords.cost = CHEAP;
        config.credential_rate_per_minute = 0;
        if let Some(inbox) = &self.inbox {
            config.mail = MailConfig::Given(Arc::clone(inbox) as Arc<_>);
        }
        for change in self.configure {
            change(&mut config);
        }
        let system = Ambient::system();
        let kernel = || KernelRng::open().map(|rng| Arc::new(rng) as Arc<dyn Rng>);
        let rng = self.rng.or_else(kernel).unwrap_or(system.rng);
        let ambient = Ambient { clock: self.clock.unwrap_or(system.clock), rng };
        let server = Box::pin(Server::start(&config, &ambient)).await?;
        let access_key = server.bootstrap().access_key.clone().unwrap_or_default();
        let client = Client::builder(server.url()).clock(ambient.clock);
        let client = if access_key.is_empty() { client } else { client.access_key(&access_key) };
        Ok(TestServer { client: client.build()?, server, access_key, config, inbox: self.inbox, folder })
    }
}

/// A file system in memory: nothing waits for a disk there, and all else is as on one, readers beside the writer included.
/// (SQLite's own `:memory:` has one connection for everybody.)
const MEMORY: &str = "/dev/shm";

/// A folder of its own, in memory if that can be had.
fn folder() -> std::io::Result<TempDir> {
    TempDir::with_prefix_in("portcullis-", MEMORY).or_else(|_none| TempDir::new())
}
