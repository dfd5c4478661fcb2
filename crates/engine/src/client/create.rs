use portcullis_domain::{OWNER, Record, ServiceClient};
use portcullis_types::authress::{
    AccessRecordBody, Client, ClientBody, Resource, ResourceAction, Statement, User,
};

use super::{management_resource, require_hand_out_options};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// The collection that service clients are in.
const COLLECTION: &str = "Authress:ServiceClients";

/// Creates a service client. Whoever may not CREATE on `Authress:ServiceClients` can still claim one when that collection is
/// configured `CLAIM`, and becomes its owner.
///
/// # Errors
/// [`Error::Forbidden`]; also when the options give what the caller does not have; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: ClientBody) -> Result<Client> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let client = ServiceClient::from_body(body, portcullis.mint("sc_")?, portcullis.change_time(None))?;
        let rights = portcullis.rights(&cx).await?;
        require_hand_out_options(&cx, &rights, client.options)?;
        let refused = rights.require_create(COLLECTION).err();
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if let Some(refused) = refused {
            let config = unit.queries().resource_config(COLLECTION).await?;
            let claimable = config.is_some_and(|config| config.allows(ResourceAction::Claim));
            if !claimable || !rights.token_covers("CREATE", COLLECTION) {
                return Err(refused);
            }
            let record = owner(&portcullis, &cx, &client.client_id)?;
            crate::record::insert(&mut unit, &record).await?;
        }
        if !unit.queries().insert_client(&client).await? {
            return Err(Error::Conflict("a service client of this id exists"));
        }
        unit.audit("client.create", &client.client_id, None);
        unit.commit().await?;
        Ok(client.wire(&[]))
    })
    .await
}

fn owner(portcullis: &Portcullis, cx: &Cx, client_id: &str) -> Result<Record> {
    let body = AccessRecordBody {
        name: format!("Owner of {client_id}"),
        users: Some(vec![User { user_id: cx.name().to_owned() }]),
        statements: vec![Statement {
            roles: vec![OWNER.to_owned()],
            resources: vec![Resource { resource_uri: management_resource(client_id) }],
            ..Statement::default()
        }],
        ..AccessRecordBody::default()
    };
    Ok(Record::from_body(body, portcullis.mint("rec_")?, cx.name(), portcullis.change_time(None))?)
}
