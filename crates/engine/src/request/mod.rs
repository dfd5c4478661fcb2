//! Access requests: somebody asks for access, somebody who can hand it out answers (spec `authress-api.md` §3.4, §4.5).

mod create;
mod delete;
mod list;
mod respond;
mod show;

pub use create::create;
pub use delete::delete;
pub use list::list;
pub use respond::respond;
pub use show::show;

use portcullis_domain::StoredRequest;
use portcullis_types::authress::AccessRequest;

use crate::Portcullis;

pub(crate) fn management_resource(request_id: &str) -> String {
    format!("Authress:AccessRequests/{request_id}")
}

fn wire(portcullis: &Portcullis, request: &StoredRequest) -> AccessRequest {
    request.wire(portcullis.links(&format!("/v1/requests/{}", request.request_id)))
}
