//! Global configuration of resources: `PUBLIC` and `CLAIM`, and claims (spec `authress-api.md` §3.4, §3.5, §4.5).

mod claim;
mod list;
mod show;
mod update;

pub use claim::claim;
pub use list::list;
pub use show::show;
pub(crate) use update::put;
pub use update::update;

/// The management resource of a resource's configuration; takes the normal form.
pub(crate) fn config_resource(normal: &str) -> String {
    if normal.is_empty() {
        "Authress:ResourcePermissions".to_owned()
    } else {
        format!("Authress:ResourcePermissions/{normal}")
    }
}
