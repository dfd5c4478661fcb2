use portcullis::access::{self, Question};
use serde_json::json;

use super::backend::Backend;
use super::target::Target;
use crate::{Error, Result, output};

/// May a user do this? Prints allow or deny; exit code 0 or 1
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    asked: Asked,
}

/// The question.
#[derive(Debug, clap::Args)]
pub(super) struct Asked {
    /// A user's or a service client's id
    pub(super) user: String,
    /// An action, such as documents:read
    pub(super) permission: String,
    /// A resource, such as documents/1
    pub(super) resource: String,
}

impl Asked {
    pub(super) fn question(&self) -> Question<'_> {
        Question { user_id: &self.user, resource: &self.resource, permission: &self.permission }
    }
}

/// The decision in one word.
pub(super) fn word(allowed: bool) -> &'static str {
    if allowed { "allow" } else { "deny" }
}

/// Exit code 0 for yes, 1 for no.
pub(super) fn outcome(allowed: bool) -> Result {
    if allowed { Ok(()) } else { Err(Error::No(String::new())) }
}

pub(super) async fn run(args: Args) -> Result {
    let backend = Backend::open(&args.target).await?;
    let allowed = match &backend {
        Backend::Local(local) => {
            access::check(&local.portcullis, &local.cx, args.asked.question()).await.map_err(Error::from)
        }
        Backend::Remote(remote) => {
            let Asked { user, permission, resource } = &args.asked;
            remote.client().access().authorize_user(user, resource, permission).await.map_err(Error::from)
        }
    };
    backend.close().await;
    let allowed = allowed?;
    if args.target.json {
        let Asked { user, permission, resource } = &args.asked;
        let decision = word(allowed);
        let answer =
            json!({"decision": decision, "principal": user, "permission": permission, "resource": resource});
        output::json(&answer)?;
    } else {
        output::line(word(allowed))?;
    }
    outcome(allowed)
}
