//! The audit trail. Changes write their own lines, in their own transaction; here it is read, and refusals are added.

mod list;
mod refused;

pub use list::{AuditQuery, list};
pub use refused::refused;
