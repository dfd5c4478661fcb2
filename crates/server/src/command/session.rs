use clap::Subcommand;
use portcullis::session;
use portcullis_types::auth::{SessionBody, SessionCollection};

use super::backend::Backend;
use super::remote::path;
use super::target::Target;
use crate::{Result, output};

/// Sign-ins of people, and their end
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List a user's sessions that are alive, the last seen first
    List {
        /// The user's id
        user: String,
    },
    /// End a session: its tokens are refused from now on
    End {
        /// The session's id
        id: String,
    },
    /// End every session of a user, and disable their tokens that have none
    EndAll {
        /// The user's id
        user: String,
    },
}

pub(super) async fn run(args: Args) -> Result {
    let backend = Backend::open(&args.target).await?;
    let done = match &args.verb {
        Verb::List { user } => list(&backend, user).await.map(Some),
        Verb::End { id } => end(&backend, id).await.map(|()| None),
        Verb::EndAll { user } => end_all(&backend, user).await.map(|()| None),
    };
    backend.close().await;
    match done? {
        Some(sessions) if args.target.json => output::json(&SessionCollection { sessions }),
        Some(sessions) => output::table(&sessions.iter().map(row).collect::<Vec<_>>()),
        None => Ok(()),
    }
}

fn row(session: &SessionBody) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let device = if session.device_name.is_some() { &session.device_name } else { &session.user_agent };
    vec![
        session.id.clone(),
        session.created_at.to_string(),
        session.last_seen_at.to_string(),
        session.expires_at.to_string(),
        text(&session.ip),
        text(device),
    ]
}

async fn list(backend: &Backend, user: &str) -> Result<Vec<SessionBody>> {
    match backend {
        Backend::Local(local) => Ok(session::list(&local.portcullis, &local.cx, user).await?),
        Backend::Remote(remote) => Ok(remote.client().users().sessions(user).await?),
    }
}

async fn end(backend: &Backend, id: &str) -> Result {
    match backend {
        Backend::Local(local) => Ok(session::end(&local.portcullis, &local.cx, id).await?),
        // The SDK ends sessions as a person, with their token; this is an administrator, with a key.
        Backend::Remote(remote) => remote.delete(&path(&["v1", "auth", "sessions", id])).await,
    }
}

async fn end_all(backend: &Backend, user: &str) -> Result {
    match backend {
        Backend::Local(local) => {
            session::end_every(&local.portcullis, &local.cx, user).await?;
            Ok(())
        }
        Backend::Remote(remote) => Ok(remote.client().users().end_sessions(user).await?),
    }
}
