//! Opening: a database, the master key that goes with it, and the installation in it, made if there is none.
//!
//! | file | its question |
//! |---|---|
//! | `builder.rs` | what does an application say? |
//! | `prepare.rs` | what is done before anything starts, here and in the server? |
//! | `key_file.rs` | where is the master key kept? |
//! | `private_file.rs` | how is a secret written to disk? |

mod builder;
mod error;
mod key_file;
mod prepare;
mod private_file;

pub use builder::Builder;
pub use error::OpenError;
pub use key_file::{KeyFile, KeySource};
pub use prepare::{Prepared, prepare};
pub use private_file::{create_private_folder, sync_folder, write_private};
