use serde_json::json;

use super::backend::quiet_log;
use super::target::Storage;
use crate::data_dir::DataDir;
use crate::installation::open;
use crate::{Result, output};

/// Bring the database's schema to this program's version, as serve does when it starts
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    storage: Storage,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result {
    let config = args.storage.load()?;
    quiet_log(&config)?;
    DataDir::at(&config.data_dir).create()?;
    let store = open(&config).await?;
    let migrated = store.migrate().await;
    store.close().await;
    let report = migrated?;
    if args.json {
        return output::json(&json!({"from": report.from, "to": report.to}));
    }
    if report.changed() {
        output::line(&format!("schema {} -> {}", report.from, report.to))
    } else {
        output::line(&format!("schema {} is up to date", report.to))
    }
}
