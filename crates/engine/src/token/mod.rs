//! Users' tokens that are made without a sign-in: for tests, for other systems, and limited to statements (spec
//! `authress-api.md` §3.1, §5.4).

mod create;
mod disable;
mod mint;

pub use create::create;
pub use disable::disable;
pub use mint::mint;
pub(crate) use mint::require_person;

pub(crate) fn management_resource(user_id: &str) -> String {
    format!("Authress:UserTokens/{user_id}")
}
