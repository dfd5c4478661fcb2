use clap::Subcommand;
use portcullis::key;
use portcullis_types::Timestamp;
use portcullis_types::key::{KeyCollection, KeyState, KeySummary, RotateKeyBody};

use super::backend::Backend;
use super::target::Target;
use crate::{Result, output};

/// The keys that sign tokens: which there are, and their replacement
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the signing keys, the oldest first
    List {
        /// Only those of this algorithm: EdDSA, ES256 or RS256
        #[arg(long, value_name = "NAME")]
        algorithm: Option<String>,
    },
    /// Begin to replace a signing key: the new one is published now, and signs later
    Rotate {
        /// Of which algorithm: EdDSA, ES256 or RS256
        #[arg(long, value_name = "NAME", default_value = "EdDSA")]
        algorithm: String,
    },
    /// Drop a key at once, because somebody else may have it: what it signed is refused from now on
    Revoke {
        /// The key's id, as `keys list` shows it
        kid: String,
    },
}

pub(super) async fn run(args: Args) -> Result {
    let backend = Backend::open(&args.target).await?;
    let done = answer(&backend, &args).await;
    backend.close().await;
    done
}

async fn answer(backend: &Backend, args: &Args) -> Result {
    let json = args.target.json;
    match &args.verb {
        Verb::List { algorithm } => {
            let mut keys = list(backend).await?;
            keys.retain(|key| algorithm.as_ref().is_none_or(|name| *name == key.algorithm));
            match json {
                true => output::json(&KeyCollection { keys }),
                false => output::table(&keys.iter().map(row).collect::<Vec<_>>()),
            }
        }
        Verb::Rotate { algorithm } => {
            let made = rotate(backend, RotateKeyBody { algorithm: Some(algorithm.clone()) }).await?;
            if json { output::json(&made) } else { output::table(&[row(&made)]) }
        }
        Verb::Revoke { kid } => revoke(backend, kid).await,
    }
}

/// Its id, its algorithm, its part, and until when that is its part.
fn row(key: &KeySummary) -> Vec<String> {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let (state, until) = match key.state {
        KeyState::Next => ("next", format!("signs from {}", at(key.activates_at))),
        KeyState::Active => ("active", format!("made {}", key.created_at)),
        KeyState::Retired => ("retired", format!("verifies until {}", at(key.expires_at))),
    };
    vec![key.key_id.clone(), key.algorithm.clone(), state.to_owned(), until]
}

async fn list(backend: &Backend) -> Result<Vec<KeySummary>> {
    match backend {
        Backend::Local(local) => Ok(key::list(&local.portcullis, &local.cx).await?),
        Backend::Remote(remote) => Ok(remote.client().signing_keys().list().await?),
    }
}

async fn rotate(backend: &Backend, body: RotateKeyBody) -> Result<KeySummary> {
    match backend {
        Backend::Local(local) => Ok(key::rotate(&local.portcullis, &local.cx, body).await?),
        Backend::Remote(remote) => Ok(remote.client().signing_keys().rotate(&body).await?),
    }
}

async fn revoke(backend: &Backend, kid: &str) -> Result {
    match backend {
        Backend::Local(local) => Ok(key::revoke(&local.portcullis, &local.cx, kid).await?),
        Backend::Remote(remote) => Ok(remote.client().signing_keys().revoke(kid).await?),
    }
}
