//! Operations: the registry by which the guard knows what a name takes (spec `guard-request.md` §3.1). The right to change it is
//! the right to say what a permission is worth.

mod create;
mod delete;
mod list;
mod show;
mod update;

pub use create::create;
pub use delete::delete;
pub use list::list;
pub use show::show;
pub use update::update;

const COLLECTION: &str = "Portcullis:Operations";

fn management_resource(operation_id: &str) -> String {
    format!("{COLLECTION}/{operation_id}")
}
