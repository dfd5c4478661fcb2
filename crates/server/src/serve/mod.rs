//! A server in this process: the composition root.
//!
//! It answers from the moment that the address is bound: `/health/live` with 200 and everything else with 503, until the
//! schema is up to date and the keys are loaded.

mod listener;
mod measures;
mod patience;
mod peer;
mod starting;
mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use listener::Listener;
pub use peer::Network;
use portcullis::Portcullis;
use portcullis_http::HttpOptions;
use tls::Tls;
use tokio::task::AbortHandle;

use crate::config::{Config, reachable};
use crate::data_dir::Bootstrap;
use crate::installation::{Ambient, Identity, Installation, node_id};
use crate::{Error, Result, observability, owner_key};

/// How often metrics are tidied, so that what nobody scrapes does not pile up.
const UPKEEP: Duration = Duration::from_secs(5);

/// A server that answers requests.
pub struct Server {
    listener: Listener,
    portcullis: Portcullis,
    bootstrap: Bootstrap,
    created: bool,
    upkeep: AbortHandle,
}

impl Server {
    /// Starts a server and returns when it answers requests. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`Error`](crate::Error), among them: the address is taken, the database cannot be used, the master key is missing.
    pub async fn start(config: &Config, ambient: &Ambient) -> Result<Self> {
        Self::start_as(config, ambient, node_id(&config.node, ambient)?).await
    }

    /// The same, with a name for this node that no other process has.
    pub(crate) async fn start_as(config: &Config, ambient: &Ambient, node: String) -> Result<Self> {
        refuse_public_fake_context(config)?;
        let tls = config.tls.as_ref().map(Tls::load).transpose()?;
        let listener = Listener::bind(config.listen, &config.limits, tls, starting::router()).await?;
        let public_url = config.public_url_at(listener.address());
        let installation = Installation::make(config, ambient).await?;
        if installation.migration.changed() {
            let (from, to) = (installation.migration.from, installation.migration.to);
            tracing::info!(from, to, "the schema was migrated");
        }
        let identity = Identity { public_url, node, loopback: loopback_origins(config, listener.address()) };
        let portcullis = match installation.start(config, ambient, identity).await {
            Ok(portcullis) => portcullis,
            Err(error) => {
                installation.store.close().await;
                return Err(error);
            }
        };
        let metrics = observability::metrics()?;
        let upkeep = metrics.clone();
        let upkeep = tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                upkeep.run_upkeep();
            }
        });
        let render = measures::render(portcullis.clone(), metrics);
        let options = HttpOptions {
            metrics: Some(render),
            credential_rate_per_minute: config.credential_rate_per_minute,
            oauth_prefixes: config.oauth_prefixes.clone(),
            ..HttpOptions::default()
        };
        listener.answer_with(portcullis_http::service(portcullis.clone(), options));
        tracing::info!(
            address = %listener.address(),
            public_url = portcullis.public_url(),
            database = installation.store.kind(),
            version = env!("CARGO_PKG_VERSION"),
            "ready"
        );
        let Installation { bootstrap, created, .. } = installation;
        if let Err(error) = owner_key::warn_if_old(&portcullis, &bootstrap).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot tell how old the owner's access key is"
            );
        }
        Ok(Self { listener, portcullis, bootstrap, created, upkeep: upkeep.abort_handle() })
    }

    /// The bound address.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Where this machine reaches it: `http://IP:PORT`, or `https://IP:PORT` with a certificate.
    pub fn url(&self) -> String {
        format!("{}://{}", self.listener.scheme(), reachable(self.address()))
    }

    /// Reads the certificate and its key again, for connections that are made from now on. Those that cannot be used change nothing,
    /// and are logged. Files that change are also noticed without this.
    pub async fn reload_certificate(&self) {
        self.listener.reload_certificate().await;
    }

    /// The use cases behind it.
    pub fn portcullis(&self) -> &Portcullis {
        &self.portcullis
    }

    /// Who this installation is, and the owner's access key if this node has it.
    pub fn bootstrap(&self) -> &Bootstrap {
        &self.bootstrap
    }

    /// Whether this start made the installation.
    pub fn created(&self) -> bool {
        self.created
    }

    /// Stops to accept, lets requests in flight finish (up to `shutdown_timeout_secs`), and closes the database.
    pub async fn shutdown(self) {
        self.listener.stop().await;
        self.upkeep.abort();
        self.portcullis.close().await;
        tracing::info!("stopped");
    }
}

/// Whoever reaches a guard that believes every token is whoever they say: nobody but this machine may.
fn refuse_public_fake_context(config: &Config) -> Result {
    if !config.guard_fake_context || config.listen.ip().is_loopback() {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "--guard-fake-context (guard_fake_context = \"yes\") is for development: it needs a loopback address to listen on, such as \
         127.0.0.1:8080, not {}",
        config.listen
    )))
}

/// How clients on this machine may call the server, and therefore write the issuer of their tokens (spec `authress-api.md`
/// §5.4). Only the server's own port, and nobody but this machine can be meant by them.
fn loopback_origins(config: &Config, bound: SocketAddr) -> Vec<String> {
    let (scheme, port) = (config.scheme(), bound.port());
    ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{scheme}://{host}:{port}")).to_vec()
}
