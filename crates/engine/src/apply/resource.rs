use portcullis_domain::{ResourceConfig, ResourcePath};
use portcullis_types::authress::{PermissionedResourceBody, ReadOnly};

use super::{ApplyResource, Applying, Verb};
use crate::Result;
use crate::access::bad_resource;

impl Applying {
    pub(super) async fn resource(&mut self, new: ApplyResource) -> Result<()> {
        let path =
            ResourcePath::parse(&new.resource_uri).map_err(|error| bad_resource("resourceUri", error))?;
        let body = PermissionedResourceBody {
            permissions: new.permissions,
            resource_uri: ReadOnly,
            links: ReadOnly,
        };
        let config = ResourceConfig::from_body(body, &path)?;
        let verb = match self.unit.queries().resource_config(path.as_str()).await? {
            None => Verb::Create,
            Some(stored) if stored == config => Verb::Unchanged,
            Some(_) => Verb::Update,
        };
        if verb != Verb::Unchanged {
            crate::resource::put(&mut self.unit, &config).await?;
        }
        self.did(verb, "resource", &path.to_string());
        Ok(())
    }
}
