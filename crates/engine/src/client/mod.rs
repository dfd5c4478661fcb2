//! Service clients and their access keys (spec `authress-api.md` §3.7, §5).

mod create;
mod delete;
mod keys;
mod list;
mod show;
mod update;

pub use create::create;
pub use delete::delete;
pub use keys::{create_key, delete_key};
pub use list::list;
pub use show::show;
pub use update::update;

pub(crate) use update::require_hand_out_options;

pub(crate) fn management_resource(client_id: &str) -> String {
    format!("Authress:ServiceClients/{client_id}")
}
