//! The configuration: flags, then `PORTCULLIS_*`, then a TOML file, then defaults that are safe.
//!
//! `keys.rs` is the table of all settings; each is an environment variable and a line of the file. Unknown ones are refused
//! in both. Nothing here opens anything but the configuration file and the files that hold secrets.

mod environment;
mod error;
mod file;
mod key;
mod keys;
mod layer;
mod mail;
mod schema;
mod secret;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::serve::Network;
pub use error::ConfigError;
use layer::{Layer, Layers, Source, variable};
pub use mail::MailConfig;
use portcullis::guard::UnknownOperation;
use portcullis::oauth::device::DeviceSettings;
use portcullis::sign_in::{LockPolicy, PoolDefaults, SignInSettings};
use portcullis::{HashCost, PasswordPolicy, PasswordSettings, SessionPolicy};
use portcullis_types::sign_in::Registration;
pub use schema::schema;
pub use secret::SecretText;

/// What the command line says about the configuration.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`: the configuration file. `PORTCULLIS_CONFIG` when absent; neither means no file.
    pub config: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--database`
    pub database: Option<SecretText>,
    /// `--data-dir`
    pub data_dir: Option<String>,
    /// `--public-url`
    pub public_url: Option<String>,
    /// `--tls-cert`
    pub tls_cert: Option<String>,
    /// `--tls-key`
    pub tls_key: Option<String>,
    /// `--guard-fake-context`
    pub guard_fake_context: bool,
}

/// A secret, and where it was found.
#[derive(Clone, Debug)]
pub struct Given {
    /// The secret.
    pub secret: SecretText,
    /// The flag, variable or file that gave it.
    pub origin: String,
}

/// How the log is written.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// JSON, one object a line, instead of text.
    pub json: bool,
    /// A level or directives.
    pub filter: String,
}

/// Where this server's certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those between it and a root, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// What clients may ask of the listener.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The most open connections.
    pub max_connections: usize,
    /// The largest head of a request.
    pub max_header_bytes: usize,
    /// How long a head may take, and then a body.
    pub header_timeout: Duration,
    /// How long requests in flight may take after the signal to stop.
    pub shutdown_timeout: Duration,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What HTTPS is served with; HTTP without.
    pub tls: Option<TlsFiles>,
    /// The origin of this installation, if it was said.
    pub public_url: Option<String>,
    /// Other origins that service clients may name as the issuer.
    pub origin_aliases: Vec<String>,
    /// The data folder.
    pub data_dir: PathBuf,
    /// The database's URL. May hold a password.
    pub database: SecretText,
    /// The most connections to PostgreSQL.
    pub database_connections: u32,
    /// How many connections to SQLite read.
    pub database_readers: u32,
    /// The master key, if it is not the data folder's file.
    pub master_key: Option<Given>,
    /// The name of this node.
    pub node: String,
    /// The log.
    pub log: LogConfig,
    /// The listener's limits.
    pub limits: Limits,
    /// The most memory for compiled grants.
    pub grant_cache_bytes: usize,
    /// The most verified tokens.
    pub token_cache_entries: usize,
    /// How passwords are hashed, and which may be set.
    pub passwords: PasswordSettings,
    /// How people sign in.
    pub sign_in: SignInSettings,
    /// How devices sign in.
    pub devices: DeviceSettings,
    /// Paths below which the older paths of the OAuth endpoints are there too.
    pub oauth_prefixes: Vec<String>,
    /// How many attempts at a credential an address may make a minute; 0 for no limit.
    pub credential_rate_per_minute: u32,
    /// How mail is sent.
    pub mail: MailConfig,
    /// For how long a new signing key is published before it signs, in seconds.
    pub key_publish_secs: u32,
    /// How long sessions and their tokens live.
    pub sessions: SessionPolicy,
    /// What the guard does about operations that nobody registered.
    pub unknown_operation: UnknownOperation,
    /// Whether the guard of `serve` believes every token, for development.
    pub guard_fake_context: bool,
}

impl Config {
    /// The configuration that flags, this environment and the file that one of them names make together.
    ///
    /// # Errors
    /// [`ConfigError`] that names the setting as it was written, and what was expected.
    pub fn load(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut named = flags.config.clone();
        let variables: Vec<_> = environment.into_iter().collect();
        if named.is_none() {
            let config = variables.iter().find(|(name, _)| *name == *variable("config"));
            named = config.map(|(_, path)| PathBuf::from(path));
        }
        let mut layers = vec![flags.layer()?, environment::read(variables)?];
        if let Some(path) = named {
            layers.push(file::load(&path)?);
        }
        layers.push(Layer::defaults()?);
        Self::from_layers(&Layers(layers))
    }

    fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let data_dir = PathBuf::from(layers.required("data_dir")?);
        let database = match layers.secret("database")? {
            Some((url, _)) => url,
            None => default_database(&data_dir)?,
        };
        let listen = layers.required("listen")?;
        Ok(Self {
            listen: listen.parse().map_err(|_not_an_address| ConfigError::Missing { name: "listen" })?,
            tls: tls(layers)?,
            public_url: layers.text("public_url").map(str::to_owned),
            origin_aliases: layers.list("origin_aliases"),
            data_dir,
            database: SecretText::new(database),
            database_connections: layers.number("database_connections")?,
            database_readers: layers.number("database_readers")?,
            master_key: layers
                .secret("master_key")?
                .map(|(secret, origin)| Given { secret: SecretText::new(secret), origin }),
            node: layers.required("node")?.to_owned(),
            log: LogConfig {
                json: layers.required("log_format")? == "json",
                filter: layers.required("log_filter")?.to_owned(),
            },
            limits: Limits {
                max_connections: layers.number("max_connections")?,
                max_header_bytes: layers.number("max_header_bytes")?,
                header_timeout: Duration::from_secs(layers.number("header_timeout_secs")?),
                shutdown_timeout: Duration::from_secs(layers.number("shutdown_timeout_secs")?),
                trusted_proxies: networks(layers)?,
            },
            grant_cache_bytes: layers.number::<usize>("grant_cache_mib")?.saturating_mul(1 << 20),
            token_cache_entries: layers.number("token_cache_entries")?,
            passwords: passwords(layers)?,
            sign_in: sign_in(layers)?,
            devices: devices(layers)?,
            oauth_prefixes: prefixes(layers)?,
            credential_rate_per_minute: layers.number("credential_rate_per_minute")?,
            mail: MailConfig::read(layers)?,
            key_publish_secs: layers.number("key_publish_secs")?,
            sessions: sessions(layers)?,
            unknown_operation: match layers.required("unknown_operation")? {
                "allow_and_log" => UnknownOperation::AllowAndLog,
                _ => UnknownOperation::Deny,
            },
            guard_fake_context: layers.required("guard_fake_context")? == "yes",
        })
    }

    /// The public URL, or else what a server that listens here is reached under.
    pub fn public_url_at(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("{}://{}", self.scheme(), reachable(bound)))
    }

    /// What the listener speaks: `http` or `https`.
    pub(crate) const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

fn sessions(layers: &Layers) -> Result<SessionPolicy, ConfigError> {
    Ok(SessionPolicy {
        access_token_secs: layers.number("access_token_secs")?,
        idle_secs: layers.number("session_idle_secs")?,
        absolute_secs: layers.number("session_absolute_secs")?,
        per_user: layers.number("sessions_per_user")?,
        refresh_grace_secs: layers.number("refresh_grace_secs")?,
    })
}

fn tls(layers: &Layers) -> Result<Option<TlsFiles>, ConfigError> {
    let missing = |name: &str, other: &str| ConfigError::Value {
        name: name.to_owned(),
        expected: format!("a path, since `{other}` is given: a certificate is served with its private key"),
    };
    match (layers.text("tls_cert"), layers.text("tls_key")) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert: cert.into(), key: key.into() })),
        (Some(_), None) => Err(missing("tls_key", "tls_cert")),
        (None, Some(_)) => Err(missing("tls_cert", "tls_key")),
    }
}

fn networks(layers: &Layers) -> Result<Vec<Network>, ConfigError> {
    let read = |text: &String| {
        let named = |expected: &'static str| ConfigError::Value {
            name: "trusted_proxies".to_owned(),
            expected: expected.to_owned(),
        };
        text.parse().map_err(named)
    };
    layers.list("trusted_proxies").iter().map(read).collect()
}

fn devices(layers: &Layers) -> Result<DeviceSettings, ConfigError> {
    Ok(DeviceSettings {
        expires_secs: layers.number("device_code_secs")?,
        interval_secs: layers.number("device_poll_secs")?,
        per_minute: layers.number("device_codes_per_minute")?,
        most_pending: layers.number("device_codes_pending")?,
        exposure_per_day: layers.number("device_guess_exposure")?,
    })
}

fn prefixes(layers: &Layers) -> Result<Vec<String>, ConfigError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_one = |prefix: &String| {
        let segments = prefix.strip_prefix('/').map(|rest| rest.split('/'));
        segments.is_some_and(|mut all| all.all(|segment| !segment.is_empty() && segment.bytes().all(plain)))
    };
    let prefixes = layers.list("oauth_prefixes");
    if prefixes.iter().all(is_one) {
        return Ok(prefixes);
    }
    let expected = "paths such as /global, of letters, digits, - and _".to_owned();
    Err(ConfigError::Value { name: "oauth_prefixes".to_owned(), expected })
}

fn sign_in(layers: &Layers) -> Result<SignInSettings, ConfigError> {
    let registration = match layers.required("registration")? {
        "closed" => Registration::Closed,
        _ => Registration::Open,
    };
    let require_verified_email = layers.required("require_verified_email")? == "yes";
    Ok(SignInSettings {
        lock: LockPolicy::new(layers.number("lockout_threshold")?, layers.number("lockout_secs")?),
        pools: PoolDefaults { registration, require_verified_email },
    })
}

fn passwords(layers: &Layers) -> Result<PasswordSettings, ConfigError> {
    let settings = PasswordSettings {
        cost: HashCost {
            memory_kib: layers.number("argon2_memory_kib")?,
            iterations: layers.number("argon2_iterations")?,
            parallelism: layers.number("argon2_parallelism")?,
        },
        queue: layers.number("password_queue")?,
        policy: PasswordPolicy {
            min_length: layers.number("password_min_length")?,
            min_score: layers.number("password_min_score")?,
            words: layers.list("password_words"),
            breached: layers.text("password_breached_file").map(PathBuf::from),
        },
        ..PasswordSettings::default()
    };
    let threads = layers.optional_number("password_threads")?.unwrap_or(settings.threads);
    Ok(PasswordSettings { threads, ..settings })
}

/// The address under which this machine reaches a listener: one on every interface is reached on the loopback.
pub(crate) fn reachable(bound: SocketAddr) -> SocketAddr {
    match bound {
        SocketAddr::V4(at) if at.ip().is_unspecified() => (std::net::Ipv4Addr::LOCALHOST, at.port()).into(),
        SocketAddr::V6(at) if at.ip().is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, at.port()).into(),
        at => at,
    }
}

impl Flags {
    fn layer(&self) -> Result<Layer, ConfigError> {
        let mut layer = Layer::new(Source::Flags);
        let given = [
            ("listen", self.listen.as_deref()),
            ("database", self.database.as_ref().map(SecretText::expose)),
            ("data_dir", self.data_dir.as_deref()),
            ("public_url", self.public_url.as_deref()),
            ("tls_cert", self.tls_cert.as_deref()),
            ("tls_key", self.tls_key.as_deref()),
            ("guard_fake_context", self.guard_fake_context.then_some("yes")),
        ];
        for (name, text) in given {
            if let (Some(key), Some(text)) = (keys::find(name), text) {
                layer.put(key, key.kind.read_text(text))?;
            }
        }
        Ok(layer)
    }
}

/// A SQLite file in the data folder. In a URL, `%`, `?` and `#` mean something else than in a path.
fn default_database(data_dir: &Path) -> Result<String, ConfigError> {
    let file = data_dir.join("portcullis.db");
    let path = file.to_str().ok_or_else(|| ConfigError::Value {
        name: "data_dir".to_owned(),
        expected: "a path in UTF-8, or a `database`".to_owned(),
    })?;
    Ok(format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3F").replace('#', "%23")))
}

#[cfg(test)]
mod tests;
