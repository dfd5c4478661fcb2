use portcullis_domain::{Record, StoredRequest};
use portcullis_types::authress::{
    AccessRecordBody, AccessRequest, AccessRequestResponse, RequestDecision, RequestStatus,
};

use super::{management_resource, wire};
use crate::access::{Rights, checked};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Answers an open access request. Approving creates the access record that was asked for, with the caller as its admin.
///
/// # Errors
/// [`Error::NotFound`] when the caller may neither read it nor hand out anything it asks for; [`Error::Forbidden`] unless the
/// caller may hand out all of it (or, to deny, UPDATE it); [`Error::Conflict`] when it was answered before.
pub async fn respond(
    portcullis: &Portcullis,
    cx: &Cx,
    request_id: &str,
    response: AccessRequestResponse,
) -> Result<AccessRequest> {
    checked(portcullis_types::id::record_id, "requestId", request_id)?;
    let (portcullis, cx, request_id) = (portcullis.clone(), cx.clone(), request_id.to_owned());
    Portcullis::to_the_end(async move {
        let mut rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let request = unit.queries().request_for_update(&request_id).await?;
        let request = request.ok_or(Error::NotFound("access request"))?;
        let asked = request.access.statements.iter().flat_map(|statement| &statement.roles);
        rights.look_up_roles(unit.queries(), asked).await?;
        require_answer(&cx, &rights, &request, response.status)?;
        if request.status != RequestStatus::Open {
            return Err(Error::Conflict("the access request was answered before"));
        }
        let status = match response.status {
            RequestDecision::Approved => RequestStatus::Approved,
            RequestDecision::Denied => RequestStatus::Denied,
        };
        let updated_at = portcullis.change_time(Some(request.updated_at));
        let answered = StoredRequest { status, updated_at, ..request };
        if response.status == RequestDecision::Approved {
            crate::record::insert(&mut unit, &granted(&portcullis, &cx, &answered)?).await?;
        }
        unit.queries().update_request(&answered).await?;
        let action = if status == RequestStatus::Approved { "request.approve" } else { "request.deny" };
        unit.audit(action, &request_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &answered))
    })
    .await
}

fn require_answer(
    cx: &Cx,
    rights: &Rights,
    request: &StoredRequest,
    decision: RequestDecision,
) -> Result<()> {
    let compiled =
        portcullis_domain::compile_statements(&request.access.statements, &request.access.users, &[]);
    let hand_out = compiled.iter().try_for_each(|statement| rights.require_hand_out(statement));
    let resource = management_resource(&request.request_id);
    let known = request.created_by == cx.name() || rights.holds("READ", &resource);
    match (hand_out, decision) {
        (Ok(()), _) => Ok(()),
        (Err(_), RequestDecision::Denied) if rights.holds("UPDATE", &resource) => Ok(()),
        (Err(refused), _) if known => Err(refused),
        _ => Err(Error::NotFound("access request")),
    }
}

fn granted(portcullis: &Portcullis, cx: &Cx, request: &StoredRequest) -> Result<Record> {
    let body = AccessRecordBody {
        name: format!("Access request {}", request.request_id),
        users: Some(request.access.users.clone()),
        statements: request.access.statements.clone(),
        tags: request.tags.clone(),
        ..AccessRecordBody::default()
    };
    Ok(Record::from_body(body, portcullis.mint("rec_")?, cx.name(), portcullis.change_time(None))?)
}
