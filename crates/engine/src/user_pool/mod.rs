//! User pools: namespaces of people who sign in. `main` is in every installation.

mod list;
mod put;
mod show;

pub use list::list;
pub use put::put;
pub use show::show;

fn management_resource(pool_id: &str) -> String {
    format!("Portcullis:UserPools/{pool_id}")
}
