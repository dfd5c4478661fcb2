//! Roles: named sets of permissions (spec `authress-api.md` §3.6).

mod create;
mod delete;
mod list;
mod show;
mod update;

pub use create::create;
pub use delete::delete;
pub use list::list;
pub use show::show;
pub(crate) use update::require_hand_out_where_used;
pub use update::update;

pub(crate) fn management_resource(role_id: &str) -> String {
    format!("Authress:Roles/{role_id}")
}
