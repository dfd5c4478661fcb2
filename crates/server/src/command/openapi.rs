use crate::{Error, Result, output};

/// Print the OpenAPI description of the HTTP API
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> Result {
    let text =
        portcullis_http::openapi().to_pretty_json().map_err(|error| Error::Internal(error.to_string()))?;
    output::line(&text)
}
