//! The unmodified `authress` crate against the built server (`PORTCULLIS_BIN`). Every rule is tested with both kinds of
//! bearer that the crate can send: a raw access key and a user's token. The crate reads answers strictly, so that
//! `Error::Serde` anywhere means that the server's answer lacks something.

mod bed;
mod server;

/// Makes two tests of each named function: `<name>::by_access_key` and `<name>::by_user_token`.
macro_rules! rules {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            use crate::bed::{Bearer, run};

            #[tokio::test]
            async fn by_access_key() {
                run(Bearer::AccessKey, super::$name).await;
            }

            #[tokio::test]
            async fn by_user_token() {
                run(Bearer::UserToken, super::$name).await;
            }
        }
    )+ };
}

mod access_records;
mod claims_and_invites;
mod clients;
mod groups;
mod requests;
mod resources;
mod roles;
mod user_permissions;
mod users;
