use tokio::signal::unix::{Signal, SignalKind, signal};

use super::target::{Storage, load};
use crate::config::{Config, Flags};
use crate::data_dir::DataDir;
use crate::installation::{Ambient, node_id};
use crate::serve::Server;
use crate::{Error, Result, observability, output};

/// Start the server; everything it needs is made on the first start
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    storage: Storage,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "IP:PORT")]
    listen: Option<String>,
    /// The origin under which clients reach this installation [default: the bound address]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Serve HTTPS with this certificate (PEM, with the chain below the root); `portcullis dev-cert` makes one for development
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// The private key of --tls-cert (PEM)
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// For development: the guard believes every token and makes its context up; only on a loopback address
    #[arg(long)]
    guard_fake_context: bool,
}

pub(super) async fn run(args: Args) -> Result {
    let flags = Flags {
        listen: args.listen,
        public_url: args.public_url,
        tls_cert: args.tls_cert,
        tls_key: args.tls_key,
        guard_fake_context: args.guard_fake_context,
        ..args.storage.flags()
    };
    let config = load(&flags)?;
    let ambient = Ambient::system();
    let node = node_id(&config.node, &ambient)?;
    observability::start_log(&config.log, &node)?;
    let mut stop = Stop::new()?;
    let server = tokio::select! {
        started = Box::pin(Server::start_as(&config, &ambient, node)) => started?,
        () = stop.asked() => return Ok(()),
    };
    output::text(&hint(&config, &server))?;
    output::line(&format!("listening on {}", server.url()))?;
    serve_until(&server, &config, &mut stop).await?;
    tracing::info!("stopping: requests in flight are finished");
    tokio::select! {
        () = server.shutdown() => {}
        // Asked twice: whoever asks does not want to wait.
        () = stop.asked() => tracing::warn!("stopped at once"),
    }
    Ok(())
}

/// Waits until somebody asks to stop. SIGHUP means "read the certificate again", where there is one; elsewhere it stops, as it does any
/// program.
async fn serve_until(server: &Server, config: &Config, stop: &mut Stop) -> Result {
    if config.tls.is_none() {
        stop.asked().await;
        return Ok(());
    }
    let mut again = signal(SignalKind::hangup()).map_err(Error::Stdio)?;
    loop {
        tokio::select! {
            () = stop.asked() => return Ok(()),
            _ = again.recv() => server.reload_certificate().await,
        }
    }
}

/// The signals that ask to stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> Result<Self> {
        let open = |kind| signal(kind).map_err(Error::Stdio);
        Ok(Self { terminate: open(SignalKind::terminate())?, interrupt: open(SignalKind::interrupt())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// What to type next.
fn hint(config: &Config, server: &Server) -> String {
    let path = DataDir::at(&config.data_dir).bootstrap_path();
    let path = path.display();
    if server.bootstrap().access_key.is_none() {
        return format!(
            "Installation {}. Its owner is {}.\n",
            server.bootstrap().account_id,
            server.bootstrap().client_id
        );
    }
    let made = if server.created() { "A new installation. " } else { "" };
    format!(
        "{made}The owner's access key is in {path}. Try, in another terminal:\n  \
         portcullis role list --server {url} --key-file {path}\n",
        url = server.url(),
    )
}
