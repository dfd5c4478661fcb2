use super::backend::quiet_log;
use super::target::Storage;
use crate::data_dir::DataDir;
use crate::installation::{Ambient, Installation};
use crate::{Result, output};

/// Make the installation, unless there is one, and say who it is; serve does this too
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    storage: Storage,
    /// Print what bootstrap.json holds, the owner's access key included
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result {
    let config = args.storage.load()?;
    quiet_log(&config)?;
    let installation = Installation::make(&config, &Ambient::system()).await?;
    installation.store.close().await;
    let bootstrap = &installation.bootstrap;
    if args.json {
        return output::json(bootstrap);
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
