use std::io::Read as _;

use portcullis::guard;
use portcullis_types::guard::{GuardBody, GuardResource};
use portcullis_types::{GuardOutcome, Sensitive};
use serde_json::{Map, Value, json};

use super::backend::Backend;
use super::check::{outcome, word};
use super::entity::to_json;
use super::remote::path;
use super::target::Target;
use crate::config::SecretText;
use crate::{Error, Result, output};

/// Who sent this token, and may they do this operation, and pay for it? Exit code 0 or 1; nothing is held or charged
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    /// The end user's token; `-` reads it from stdin, where other users do not see it
    #[arg(long)]
    token: SecretText,
    /// The operation; without one only who it is is said
    operation: Option<String>,
    /// What it is done to: its id, or TYPE/ID
    #[arg(long, value_name = "[TYPE/]ID")]
    resource: Option<String>,
    /// The tenant that the resource belongs to
    #[arg(long, value_name = "TENANT")]
    resource_tenant: Option<String>,
    /// Hints as an application gives them: {"tenant_id": "…"}
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
}

pub(super) async fn run(args: Args) -> Result {
    let body = body(&args)?;
    let backend = Backend::open(&args.target).await?;
    let answer = match &backend {
        Backend::Local(local) => match guard::ask(&local.portcullis, &local.cx, &body).await {
            Ok(answer) => to_json(&answer),
            Err(error) => Err(error.into()),
        },
        Backend::Remote(remote) => remote.post(&path(&["v1", "guard"]), &to_json(&body)?).await,
    };
    backend.close().await;
    let answer = answer?;
    let said: GuardOutcome = serde_json::from_value(answer.clone())
        .map_err(|_other| Error::Server("the server's answer is no outcome of a guard".to_owned()))?;
    if args.target.json {
        output::json(&answer)?;
    } else {
        output::line(&line(&said))?;
    }
    // An outage is neither a yes nor a no.
    match said.error_code.filter(|code| code.is_outage()) {
        Some(code) => Err(Error::Server(format!("the guard cannot tell: {code}"))),
        None => outcome(said.is_allowed()),
    }
}

/// `allow ROLE_ALLOW` or `deny permission_denied: the reason`.
fn line(said: &GuardOutcome) -> String {
    let decision = word(said.is_allowed());
    match (&said.error_code, &said.decision) {
        (Some(code), _) => format!("{decision} {code}: {}", said.error.as_deref().unwrap_or_default()),
        (None, Some(by)) => match to_json(&by.path).ok().as_ref().and_then(Value::as_str) {
            Some(path) => format!("{decision} {path}"),
            None => decision.to_owned(),
        },
        (None, None) => decision.to_owned(),
    }
}

fn body(args: &Args) -> Result<GuardBody> {
    let mut metadata: Map<String, Value> = match &args.metadata {
        Some(text) => serde_json::from_str(text)
            .map_err(|_other| Error::Usage("--metadata: expected a JSON object".to_owned()))?,
        None => Map::new(),
    };
    // To ask is not to use: a price is looked at, and left where it is.
    metadata.insert("billing".to_owned(), json!({"mode": "check"}));
    let resource = args.resource.as_deref().map(|text| {
        let (kind, id) = text.split_once('/').map_or((None, text), |(kind, id)| (Some(kind), id));
        GuardResource {
            kind: kind.map(str::to_owned),
            id: Some(id.to_owned()),
            tenant: args.resource_tenant.clone(),
            ..GuardResource::default()
        }
    });
    Ok(GuardBody {
        token: token(&args.token)?,
        operation: args.operation.clone(),
        resource,
        metadata: Some(metadata),
    })
}

fn token(given: &SecretText) -> Result<Sensitive> {
    // More than any token has: what is longer is refused for its length.
    const MOST: u64 = 32 * 1024;
    if given.expose() != "-" {
        return Ok(Sensitive::new(given.expose()));
    }
    let mut text = String::new();
    std::io::stdin().take(MOST).read_to_string(&mut text).map_err(Error::Stdio)?;
    Ok(Sensitive::new(text.trim()))
}
