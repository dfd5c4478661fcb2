//! What becomes of the credits that are held for a request.
//!
//! | file | its question |
//! |---|---|
//! | `holds.rs` | what does this request hold, and who ends it? |
//! | `settler.rs` | who talks to the ledger, also when it does not answer? |
//! | `body.rs` | when is a response over that is sent piece by piece? |
//! | `to_the_end.rs` | what if whoever waits goes away? |

mod body;
mod holds;
mod settler;
mod to_the_end;

pub(super) use body::SettledBody;
pub(super) use holds::{Holds, Settlement};
pub(super) use settler::{Settler, Task};
pub(super) use to_the_end::ToTheEnd;
