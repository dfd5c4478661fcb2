//! Users' profiles (spec `authress-api.md` §3.2). A user need not have one to be given access.

mod create;
mod delete;
mod list;
mod show;
mod token_configuration;

pub use create::{NewUser, create};
pub use delete::delete;
pub use list::list;
pub use show::show;
pub use token_configuration::set_token_configuration;
pub(crate) use token_configuration::token_secs;

pub(crate) fn management_resource(user_id: &str) -> String {
    format!("Authress:Users/{user_id}")
}
