//! May they do it: checks, what a user may do, which resources a user has, who has a resource, and why.

mod ask;
mod check;
mod denial_log;
mod explain;
mod hand_out;
mod load;
mod permissions;
mod resources;
mod rights;
mod roles;
mod users;

pub use ask::Question;
pub(crate) use ask::bad_resource;
pub use check::{check, check_many};
pub(crate) use denial_log::DenialLog;
pub use explain::explain;
pub(crate) use hand_out::require_hand_out_of;
pub use permissions::permissions;
pub use portcullis_authz::listing::Collection;
pub use resources::{ResourcesQuery, resources};
pub(crate) use rights::{Rights, checked, forbidden, same};
pub use roles::roles;
pub use users::users;
