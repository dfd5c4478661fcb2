use std::path::PathBuf;

use portcullis::apply::{self, ApplyDocument};

use super::backend::Local;
use super::document;
use super::target::Target;
use crate::{Error, Result, output};

/// Create or update everything that a file lists, in one transaction; what it does not list stays
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    /// Lists of userPools, users, clients, applications, roles, groups, records, resources, credits, products, plans, organizations, subscriptions, operations, policies and overrides, in JSON, YAML or TOML; `-` is stdin (JSON or YAML)
    file: PathBuf,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args) -> Result {
    if args.target.server()?.is_some() {
        return Err(Error::Usage(
            "apply is one transaction, which the API cannot do: run it where the database is, without --server (also \
             while a server runs)"
                .to_owned(),
        ));
    }
    let name = args.file.display().to_string();
    let document: ApplyDocument = document::strict(&name, document::read(&args.file)?)?;
    let local = Local::open(&args.target.storage.load()?).await?;
    let applied = apply::apply(&local.portcullis, &local.cx, document, args.dry_run).await;
    local.close().await;
    let applied = applied?;
    if args.target.json {
        return output::json(&applied);
    }
    let lines: String = applied.iter().map(|line| format!("{line}\n")).collect();
    output::text(&lines)
}
