//! The program: serves the page, its script, and the API that the script calls.

mod api;
mod page;
mod registration;

use std::error::Error;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use portcullis_client::Client;
use registration::Registration;
use tokio::net::TcpListener;

/// A single-page application that signs people in with Portcullis.
#[derive(Parser)]
struct Flags {
    /// The server, as its people see it.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// The file with the owner's access key, which registers the application. `portcullis serve` wrote it.
    #[arg(long, value_name = "FILE", default_value = "portcullis-data/bootstrap.json")]
    key_file: PathBuf,
    /// Where to answer.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let flags = Flags::parse();
    let listener = TcpListener::bind(flags.listen).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let registration = Registration::at(&url);
    registration.register(&Client::builder(&flags.server).access_key(key(&flags.key_file)?).build()?).await?;
    let verifier = Client::builder(&flags.server).build()?;
    let routes = page::router(&flags.server, &registration).merge(api::router(verifier, &registration)?);
    writeln!(io::stdout(), "listening on {url}")?;
    axum::serve(listener, routes).await?;
    Ok(())
}

fn key(file: &PathBuf) -> Result<String, Box<dyn Error>> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let bootstrap: serde_json::Value = serde_json::from_str(&text)?;
    let key = bootstrap.get("access_key").and_then(serde_json::Value::as_str);
    Ok(key.ok_or_else(|| format!("{}: holds no access_key", file.display()))?.to_owned())
}
