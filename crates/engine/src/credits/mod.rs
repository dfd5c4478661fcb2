//! Credits: wallets, what is given to them, held and taken (spec `guard-request.md` §5).
//!
//! Two doors lead to one ledger. The functions here are for management: they take a [`Cx`] and check its rights on
//! `Portcullis:Credits/{account}` (`credits:read`, `credits:grant`, `credits:spend`, `credits:refund`). [`ledger`] is for the
//! guard and for applications that decide themselves: it asks for no rights.
//!
//! Whatever happens to a wallet happens under the lock of its row, in one transaction with its lines of the ledger
//! ([`books`]): the lines are the truth, balances are their sum, and [`reconcile`] compares.

mod balance;
mod books;
mod entries;
mod error;
mod grant;
mod grants;
mod keyed;
pub mod ledger;
mod reconcile;
mod refund;
mod reserve;
mod settle;
mod sweep;
mod void;

pub use balance::balance;
pub use entries::entries;
pub use error::CreditError;
pub use grant::grant;
pub(crate) use grant::{Granted, insert as insert_grant};
pub use grants::grants;
pub use reconcile::reconcile;
pub use refund::refund;
pub use reserve::reserve;
pub use settle::{commit, extend, release};
pub use sweep::sweep;
pub(crate) use sweep::sweep_in_background;
pub use void::void_grant;

use crate::access::{Rights, forbidden};
use crate::cx::Actor;
use crate::{Cx, Error, Result};
use portcullis_types::Caller;

/// The management resource of a wallet. User ids may hold a `/`, which must not reach into another wallet's tree: it
/// becomes `=`, which no id holds.
fn management_resource(account_id: &str) -> String {
    format!("Portcullis:Credits/{}", account_id.replace('/', "="))
}

/// Whether the caller may see what is in a wallet: by a right on it, as its own user, or by a role in the organization.
fn may_read(rights: &Rights, cx: &Cx, account_id: &str) -> bool {
    let resource = management_resource(account_id);
    let own = matches!(&cx.actor, Actor::Caller(Caller::User { user_id, .. }) if **user_id == *account_id);
    rights.holds("credits:read", &resource)
        || rights.holds("billing:read", &format!("organizations/{}", account_id.replace('/', "=")))
        || (own && rights.token_covers("credits:read", &resource))
}

/// Refuses unless the caller may do `action` to a wallet. Whoever may not even see it learns only that it was not found.
fn require(rights: &Rights, cx: &Cx, action: &str, account_id: &str, thing: &'static str) -> Result<()> {
    let resource = management_resource(account_id);
    if rights.holds(action, &resource) {
        Ok(())
    } else if may_read(rights, cx, account_id) {
        Err(forbidden(action, &resource))
    } else {
        Err(Error::NotFound(thing))
    }
}
