use portcullis_domain::ServiceClient;
use portcullis_store::ChangeKind;
use portcullis_types::Caller;
use portcullis_types::authress::{Client, ClientBody, ClientOptions};

use super::management_resource;
use crate::access::{Rights, checked};
use crate::change::Unit;
use crate::cx::Actor;
use crate::{Cx, Error, Portcullis, Result};

/// Replaces a service client's name, options, limits and tags. Absent options stay as they are.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it; [`Error::Forbidden`] also when the options give what the
/// caller does not have; [`Error::Invalid`].
pub async fn update(portcullis: &Portcullis, cx: &Cx, client_id: &str, body: ClientBody) -> Result<Client> {
    checked(portcullis_types::id::client_id, "clientId", client_id)?;
    let (portcullis, cx, client_id) = (portcullis.clone(), cx.clone(), client_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&client_id), false, "client")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().client(&client_id).await?.ok_or(Error::NotFound("client"))?;
        let options = body.options.unwrap_or(stored.options);
        let client =
            ServiceClient { options, ..ServiceClient::from_body(body, client_id, stored.created_at)? };
        require_hand_out_options(&cx, &rights, added(stored.options, client.options))?;
        unit.queries().update_client(&client).await?;
        let keys = unit.queries().access_keys(&client.client_id).await?;
        unit.changed(ChangeKind::Client, &client.client_id);
        unit.audit("client.update", &client.client_id, None);
        unit.commit().await?;
        Ok(client.wire(&keys))
    })
    .await
}

fn added(old: ClientOptions, new: ClientOptions) -> ClientOptions {
    ClientOptions {
        grant_user_permissions_access: new.grant_user_permissions_access
            && !old.grant_user_permissions_access,
        grant_token_generation: new.grant_token_generation && !old.grant_token_generation,
    }
}

/// Nobody gives a client an option without having it, or the right that it stands for.
pub(crate) fn require_hand_out_options(cx: &Cx, rights: &Rights, options: ClientOptions) -> Result<()> {
    let own = match &cx.actor {
        Actor::Caller(Caller::Client { options, .. }) => *options,
        _ => ClientOptions::default(),
    };
    if options.grant_user_permissions_access && !own.grant_user_permissions_access {
        rights.require("READ", "Authress:UserPermissions/*")?;
    }
    if options.grant_token_generation && !own.grant_token_generation {
        rights.require("CREATE", "Authress:UserTokens/*")?;
    }
    Ok(())
}
