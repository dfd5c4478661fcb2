//! The program: `--embedded sqlite://…`, or `--server URL --key KEY`.

use std::error::Error;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;

use clap::{ArgGroup, Parser};
use documents_api::{Backend, MemoryShelf, router};
use tokio::net::TcpListener;

/// How many documents fit.
const ROOM: usize = 10_000;

/// An axum application with protected, optional and priced routes.
#[derive(Parser)]
#[command(group = ArgGroup::new("backend").required(true).args(["embedded", "server"]))]
struct Flags {
    /// Opens this database in the process: sqlite://documents.db
    #[arg(long, value_name = "URL")]
    embedded: Option<String>,
    /// Asks this server.
    #[arg(long, value_name = "URL", requires = "key")]
    server: Option<String>,
    /// The access key of a service client that may ask the server's guard.
    #[arg(long, value_name = "KEY", env = "PORTCULLIS_ACCESS_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Where to answer.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let flags = Flags::parse();
    let backend = match (&flags.embedded, &flags.server) {
        (Some(url), _) => Backend::embedded(url).await?,
        (None, Some(url)) => Backend::server(url, flags.key.as_deref().unwrap_or_default())?,
        (None, None) => return Err("say --embedded or --server".into()),
    };
    let listener = TcpListener::bind(flags.listen).await?;
    writeln!(io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    axum::serve(listener, router(backend, Arc::new(MemoryShelf::new(ROOM)))).await?;
    Ok(())
}
