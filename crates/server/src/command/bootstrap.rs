use super::backend::{Local, quiet_log};
use super::target::Storage;
use crate::config::Config;
use crate::data_dir::{Bootstrap, DataDir};
use crate::installation::{Ambient, Installation};
use crate::{Result, output, owner_key};

/// Make the installation, unless there is one, and say who it is; serve does this too
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    storage: Storage,
    /// Print what bootstrap.json holds, the owner's access key included
    #[arg(long)]
    json: bool,
    /// Give the owner another access key, write it to bootstrap.json, and delete the one that is there
    #[arg(long)]
    renew_key: bool,
}

pub(super) async fn run(args: Args) -> Result {
    let config = args.storage.load()?;
    quiet_log(&config)?;
    let installation = Installation::make(&config, &Ambient::system()).await?;
    installation.store.close().await;
    let mut bootstrap = installation.bootstrap;
    // A key that was made a moment ago is as good as another.
    let renews = args.renew_key && !installation.created;
    if renews {
        let not_deleted = owner_key::not_deleted(&bootstrap);
        bootstrap = renew(&config, &bootstrap).await?;
        // On stderr, so that it is seen also where stdout is a document for a program.
        if let Some(text) = not_deleted {
            output::note(&text);
        }
    }
    if args.json {
        return output::json(&bootstrap);
    }
    output::line(&format!("account  {}", bootstrap.account_id))?;
    output::line(&format!("owner    {}", bootstrap.client_id))?;
    let path = DataDir::at(&config.data_dir).bootstrap_path();
    match &bootstrap.access_key {
        Some(_) => output::line(&format!("its access key is in {}", path.display())),
        None => {
            output::line("its access key is on the node that made the installation, or was moved elsewhere")
        }
    }
}

async fn renew(config: &Config, before: &Bootstrap) -> Result<Bootstrap> {
    let local = Local::open(config).await?;
    let renewed =
        owner_key::renew(&local.portcullis, &local.cx, &DataDir::at(&config.data_dir), before).await;
    local.close().await;
    renewed
}
