use portcullis_types::FieldError;
use portcullis_types::authress::{
    PermissionedResource, PermissionedResourceBody, ResourceAction, ResourcePermission,
};
use serde::{Deserialize, Serialize};

use crate::{ResourcePath, limits};

/// A resource's configuration as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceConfig {
    /// The resource's normal form.
    pub resource: String,
    /// 1 to 100, as written.
    pub permissions: Vec<ResourcePermission>,
}

impl ResourceConfig {
    /// Makes a configuration of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] when there are no permissions, or more than 100.
    pub fn from_body(body: PermissionedResourceBody, resource: &ResourcePath) -> Result<Self, FieldError> {
        limits::count("permissions", body.permissions.len(), 1, 100)?;
        Ok(Self { resource: resource.as_str().to_owned(), permissions: body.permissions })
    }

    /// Whether `action` is allowed: at least one line says so, and none says no.
    pub fn allows(&self, action: ResourceAction) -> bool {
        let mut lines = self.permissions.iter().filter(|line| line.action == action).peekable();
        lines.peek().is_some() && lines.all(|line| line.allow)
    }

    /// The configuration as the API shows it.
    pub fn wire(&self) -> PermissionedResource {
        let uri = if self.resource.is_empty() { "/" } else { &self.resource };
        PermissionedResource { resource_uri: Some(uri.to_owned()), permissions: self.permissions.clone() }
    }
}
