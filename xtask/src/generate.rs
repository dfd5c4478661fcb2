//! `cargo xtask gen`: writes what is generated from the code.

use std::ffi::OsString;

use crate::arguments::Arguments;
use crate::contract::{self, CONTRACTS};
use crate::error::{Error, Result};

/// Writes every contract that changed, and says which did.
pub(crate) fn command(arguments: &[OsString]) -> Result {
    if let Some(word) = Arguments::parse(arguments, &[])?.words.first() {
        return Err(Error::Usage(format!("gen takes no arguments, not {word}")));
    }
    let program = contract::build_program(&["--package", "portcullis-server"])?;
    for contract in CONTRACTS {
        let text = contract.generate(&program)?;
        if contract.committed()?.as_ref() == Some(&text) {
            println!("unchanged {}", contract.file);
        } else {
            contract.write(&text)?;
            println!("written   {}", contract.file);
        }
    }
    Ok(())
}
