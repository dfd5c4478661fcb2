//! The keys that sign this installation's tokens: a set for each algorithm.
//!
//! | a key is | it is published | it signs | until |
//! |---|---|---|---|
//! | next | yes | no | it was published for longer than anybody keeps an older key set: [`Settings::key_publish_secs`] |
//! | active | yes | yes | the next one takes its place, or it is revoked |
//! | retired | yes | no | the last token that it can have signed has expired: [`LONGEST_TOKEN_SECS`] |
//!
//! The first key of an algorithm is active at once: nobody waits for another. Rows say when each step is due, as it was decided when
//! the step before was taken; the first node whose clock says so takes it, and the others hear of it.
//!
//! [`Settings::key_publish_secs`]: crate::Settings::key_publish_secs

mod ensure;
mod list;
mod make;
mod revoke;
mod rotate;
mod set;
mod turn;

pub use ensure::ensure;
pub use list::list;
pub(crate) use make::new_signing_key;
pub use revoke::revoke;
pub use rotate::rotate;
pub(crate) use set::SigningKeys;

const COLLECTION: &str = "Portcullis:Keys";

fn management_resource(key_id: &str) -> String {
    format!("{COLLECTION}/{key_id}")
}

/// The longest that any token lives that is signed here: 30 days. Whatever sets a token's life keeps within it, since a retired key
/// verifies for no longer.
pub const LONGEST_TOKEN_SECS: i64 = 30 * 24 * 60 * 60;
