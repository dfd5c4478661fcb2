//! HTTPS: the certificate, and its replacement while the server runs.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::TlsFiles;
use crate::{Error, Result};

/// How long a handshake may take. It holds one of the places for connections.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at, at most.
const LOOK: Duration = Duration::from_secs(1);

/// The certificate that is served, and the files that it comes from.
pub(super) struct Tls {
    files: TlsFiles,
    served: Mutex<Served>,
}

struct Served {
    config: Arc<ServerConfig>,
    /// What the files looked like when they were read, whether or not they could be used.
    seen: Stamps,
    looked_at: Instant,
}

/// When certificate and key were last written, and their lengths; `None` for one that is not there.
type Stamps = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// [`Error::Tls`] with the setting and the file that cannot be used, also when the two do not belong together.
    pub(super) fn load(files: &TlsFiles) -> Result<Self> {
        // Before the files are read: what changes meanwhile is seen at the next look.
        let seen = stamps(files);
        let served = Served { config: read(files)?, seen, looked_at: Instant::now() };
        Ok(Self { files: files.clone(), served: Mutex::new(served) })
    }

    /// Completes the handshake of a connection, with the newest certificate. `None`: it failed or took too long, which is the
    /// client's affair.
    pub(super) async fn accept(self: &Arc<Self>, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let acceptor = TlsAcceptor::from(self.newest().await);
        match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a handshake failed");
                None
            }
            Err(_elapsed) => {
                tracing::debug!("a handshake took too long");
                None
            }
        }
    }

    /// What new connections are answered with: read again if the files have changed.
    async fn newest(self: &Arc<Self>) -> Arc<ServerConfig> {
        let (config, is_due) = self.look();
        if !is_due {
            return config;
        }
        let this = Arc::clone(self);
        // File systems may hang; the threads that answer requests must not.
        let read = tokio::task::spawn_blocking(move || this.reload_if_changed(false)).await;
        read.unwrap_or(config)
    }

    /// The present configuration, and whether it is this caller's turn to look at the files.
    fn look(&self) -> (Arc<ServerConfig>, bool) {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = served.looked_at.elapsed() >= LOOK;
        if is_due {
            served.looked_at = Instant::now();
        }
        (Arc::clone(&served.config), is_due)
    }

    /// Reads the files again, whatever they look like.
    pub(super) async fn reload(self: &Arc<Self>) {
        let this = Arc::clone(self);
        let _config = tokio::task::spawn_blocking(move || this.reload_if_changed(true)).await;
    }

    fn reload_if_changed(&self, always: bool) -> Arc<ServerConfig> {
        let now = stamps(&self.files);
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        if served.seen == now && !always {
            return Arc::clone(&served.config);
        }
        // Said once: whoever replaces two files one after the other leaves a pair that does not match in between.
        served.seen = now;
        drop(served);
        let read = read(&self.files);
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(config) => {
                tracing::info!(certificate = %self.files.cert.display(), "the certificate was read again");
                served.config = config;
            }
            Err(error) => {
                tracing::error!(error = %error.line(), "the certificate cannot be used; the one before is served on");
            }
        }
        Arc::clone(&served.config)
    }
}

fn stamps(files: &TlsFiles) -> Stamps {
    [&files.cert, &files.key].map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>> {
    let chain = read_chain(&files.cert)?;
    let key = read_key(&files.key)?;
    let versions = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Internal(error.to_string()))?;
    let mut config = versions.with_no_client_auth().with_single_cert(chain, key).map_err(|error| {
        let expected = match error {
            rustls::Error::InconsistentKeys(_) => {
                format!("expected the private key of the first certificate in {}", files.cert.display())
            }
            error => format!("cannot be used with the certificate in {}: {error}", files.cert.display()),
        };
        refused("tls_key", &files.key, expected)
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = open("tls_cert", path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(refused("tls_cert", path, "expected certificates in PEM (BEGIN CERTIFICATE)".to_owned())),
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    let text = open("tls_key", path)?;
    // The parser's own error might quote the file.
    PrivateKeyDer::from_pem_slice(&text).map_err(|_not_one| {
        refused("tls_key", path, "expected an unencrypted private key in PEM (BEGIN PRIVATE KEY)".to_owned())
    })
}

fn open(setting: &'static str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| refused(setting, path, format!("cannot be read: {error}")))
}

fn refused(setting: &'static str, path: &Path, expected: String) -> Error {
    Error::Tls { setting, path: path.to_path_buf(), expected }
}
