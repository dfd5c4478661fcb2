//! What people allowed applications, for one audience each (AZ-14). Given on the way of an authorization request
//! ([`authorize`](super::authorize)) or of a device; listed and withdrawn by whoever gave it, and by
//! whoever may manage them.

mod list;
mod remember;
mod withdraw;

pub use list::list;
pub(crate) use remember::{Given, remember};
pub use withdraw::withdraw;

fn management_resource(user_id: &str) -> String {
    format!("Portcullis:Consents/{user_id}")
}
