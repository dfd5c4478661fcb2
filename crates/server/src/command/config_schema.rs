use crate::{Result, config, output};

/// Print the JSON Schema of the configuration file
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> Result {
    output::text(&config::schema())
}
