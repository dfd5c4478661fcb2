//! Users: their profiles (spec `authress-api.md` §3.2; a user need not have one to be given access), and whether they may sign in.

mod claim_address;
mod create;
mod delete;
mod disable;
mod enable;
mod list;
mod list_in_pool;
mod manage;
mod rename;
mod show;
mod sign_in_status;
mod start_reset;
mod token_configuration;

pub(crate) use claim_address::claim_address;
pub use create::{NewUser, create, create_with_password};
pub use delete::delete;
pub use disable::disable;
pub(crate) use disable::disable_in;
pub use enable::enable;
pub(crate) use enable::enable_in;
pub use list::list;
pub use list_in_pool::list_in_pool;
pub use rename::rename;
pub use show::show;
pub use sign_in_status::sign_in_status;
pub use start_reset::start_reset;
pub use token_configuration::set_token_configuration;
pub(crate) use token_configuration::token_secs;

pub(crate) fn management_resource(user_id: &str) -> String {
    format!("Authress:Users/{user_id}")
}
