//! An installation for each test: a fresh database, a clock that the test moves, chance from a seed, and callers.

use std::future::Future;
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use portcullis::jose::{AccessKey, MasterKey};
use portcullis::store::{OpenOptions, Store, open};
use portcullis::{Cx, HashCost, PasswordSettings, Portcullis, Settings};
use portcullis_types::authress::{ClientOptions, UserToken};
use portcullis_types::{AuthError, Caller, Clock, Guard, Rng, RngError, Timestamp};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// Where clients reach the installation.
pub(crate) const URL: &str = "http://127.0.0.1:8443";
/// The instant at which every test begins.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Passwords that cost next to nothing.
const CHEAP: HashCost = HashCost { memory_kib: 8, iterations: 1, parallelism: 1 };

/// A clock that stands still until it is moved.
pub(crate) struct Movable(AtomicI64);

impl Movable {
    pub(crate) fn forward(&self, secs: i64) {
        self.0.fetch_add(secs * 1_000_000, Ordering::SeqCst);
    }

    pub(crate) fn forward_micros(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for Movable {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that depend on the seed only.
pub(crate) struct Seeded(AtomicU64, u64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(0), seed)
    }
}

impl Rng for Seeded {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
        for chunk in dest.chunks_mut(8) {
            let mut hasher = DefaultHasher::new();
            (self.1, self.0.fetch_add(1, Ordering::Relaxed)).hash(&mut hasher);
            chunk.copy_from_slice(&hasher.finish().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// An installation with one node.
pub(crate) struct Bed {
    pub(crate) portcullis: Portcullis,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<Movable>,
    /// The owner's access key.
    pub(crate) key: AccessKey,
    /// The owner, as a caller.
    pub(crate) owner: Cx,
    pub(crate) url: String,
}

/// What every node of a test's installation seals its keys under.
pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

/// Hundreds of writers at once wait for one lock: on a machine that compiles something beside, the last of them longer than a
/// request should (which is a refusal of its own, `Unavailable`, and no part of what the tests count).
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn options() -> OpenOptions {
    OpenOptions {
        max_connections: 8,
        acquire_timeout: PATIENCE,
        busy_timeout: PATIENCE,
        ..OpenOptions::default()
    }
}

pub(crate) fn settings(clock: &Arc<Movable>, node: &str, seed: u64) -> Settings {
    Settings {
        node: node.to_owned(),
        origin_aliases: vec!["http://localhost:8443".to_owned()],
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        rng: Arc::new(Seeded::new(seed)),
        database: options(),
        passwords: PasswordSettings { cost: CHEAP, queue: 1_000, ..PasswordSettings::default() },
        ..Settings::new(URL, master_key())
    }
}

pub(crate) async fn migrated(url: &str) -> Arc<dyn Store> {
    let store = open(url, options()).await.expect("the database opens");
    store.migrate().await.expect("the database migrates");
    store
}

impl Bed {
    pub(crate) async fn on(url: String) -> Self {
        Self::with(url, |_| {}).await
    }

    /// An installation whose first node has other settings.
    pub(crate) async fn with(url: String, change: impl FnOnce(&mut Settings)) -> Self {
        let store = migrated(&url).await;
        let clock = Arc::new(Movable(AtomicI64::new(START.micros())));
        let rng = Seeded::new(1);
        let made = portcullis::bootstrap(&*store, &master_key(), &*clock, &rng, |_| Ok(())).await.unwrap();
        let key = made.access_key.expect("this call made the installation");
        let key = AccessKey::parse(std::str::from_utf8(key.expose()).unwrap()).unwrap();
        let mut settings = settings(&clock, "a", 2);
        change(&mut settings);
        let portcullis = Portcullis::start(Arc::clone(&store), settings).await.unwrap();
        let owner = Caller::Client {
            client_id: made.account.owner_client_id.into(),
            key_id: key.key_id().into(),
            options: ClientOptions { grant_user_permissions_access: true, grant_token_generation: true },
        };
        Self { portcullis, store, clock, key, owner: cx(owner), url }
    }

    /// Another node on the same database, with connections of its own.
    pub(crate) async fn node(&self, name: &str) -> Portcullis {
        self.node_with(name, |_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn node_with(&self, name: &str, change: impl FnOnce(&mut Settings)) -> Portcullis {
        let store = open(&self.url, options()).await.unwrap();
        let mut settings = settings(&self.clock, name, RandomState::new().hash_one(name));
        change(&mut settings);
        Portcullis::start(store, settings).await.unwrap()
    }

    /// Runs a statement behind the store's back.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.store.kind() == "sqlite" {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    }

    /// The single number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.store.kind() == "sqlite" {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        }
    }

    /// May `user` do `permission` to `resource`? Asked by the user.
    pub(crate) async fn may(&self, user: &str, permission: &str, resource: &str) -> bool {
        may(&self.portcullis, user, permission, resource).await
    }

    /// Mints a token with everything that `user` may.
    pub(crate) async fn mint(&self, user: &str) -> UserToken {
        portcullis::token::mint(&self.portcullis, &self.owner, user, 3_600).await.unwrap()
    }
}

/// May `user` do `permission` to `resource`, on this node? Asked by the user.
pub(crate) async fn may(node: &Portcullis, user: &str, permission: &str, resource: &str) -> bool {
    let question = portcullis::access::Question { user_id: user, resource, permission };
    portcullis::access::check(node, &self::user(user), question).await.unwrap()
}

pub(crate) fn cx(caller: Caller) -> Cx {
    Cx::of(caller, "req-1".into())
}

/// A user with a token that is not limited.
pub(crate) fn user(id: &str) -> Cx {
    cx(Caller::User { user_id: id.into(), limited_by: None, session_id: None })
}

/// A user with a token that is limited to statements.
pub(crate) fn limited(id: &str, token_id: &str) -> Cx {
    cx(Caller::User { user_id: id.into(), limited_by: Some(token_id.into()), session_id: None })
}

/// A service client without options.
pub(crate) fn client(id: &str) -> Cx {
    cx(Caller::Client { client_id: id.into(), key_id: "k".into(), options: ClientOptions::default() })
}

/// Who sent `bearer`.
pub(crate) async fn sender(node: &Portcullis, bearer: &str) -> Result<Caller, AuthError> {
    node.authenticate(bearer).await
}

pub(crate) fn is_refused(sender: &Result<Caller, AuthError>) -> bool {
    matches!(sender, Err(AuthError::Invalid { .. }))
}

/// Waits until `done`, but no longer than a change may take to reach other nodes.
pub(crate) async fn within_a_second<F: Future<Output = bool>>(what: &str, done: impl Fn() -> F) {
    let asked = std::time::Instant::now();
    while !done().await {
        assert!(asked.elapsed() < Duration::from_secs(1), "{what}: not within a second");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Where the PostgreSQL for tests is.
pub(crate) fn postgres_url() -> String {
    std::env::var("PORTCULLIS_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("PORTCULLIS_TEST_POSTGRES is not set: run the tests with `cargo xtask test`, which starts a PostgreSQL")
    })
}

pub(crate) async fn on_sqlite<F: Future>(test: impl FnOnce(String) -> F) -> F::Output {
    let folder = tempfile::tempdir().unwrap();
    test(format!("sqlite://{}", folder.path().join("engine.db").display())).await
}

/// The database of a test that fails is left behind: the cluster is thrown away as a whole.
pub(crate) async fn on_postgres<F: Future>(test: impl FnOnce(String) -> F) -> F::Output {
    let server = postgres_url();
    let name = format!("pc_engine_{:016x}", RandomState::new().hash_one(0));
    let mut admin = PgConnection::connect(&server).await.expect("the test PostgreSQL answers");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let outcome = test(format!("{base}/{name}")).await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
    outcome
}

/// Makes a test a function and a database: `async fn name(bed: Bed)` runs on both.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::bed::on_sqlite(|url| async move { super::$name($crate::bed::Bed::on(url).await).await }).await;
            }
        )* }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::bed::on_postgres(|url| async move { super::$name($crate::bed::Bed::on(url).await).await }).await;
            }
        )* }
    };
}
pub(crate) use on_both;
