//! The guard over the wire.
//!
//! | file | its question |
//! |---|---|
//! | `remote.rs` | what is asked, and what do applications call? [`RemoteGuard`] |
//! | `judge.rs` | may this answer be believed? |
//! | `settle.rs` | how are held credits taken or given back? |

mod judge;
mod remote;
mod settle;

pub use remote::RemoteGuard;
