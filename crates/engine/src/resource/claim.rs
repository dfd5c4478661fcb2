use portcullis_domain::{OWNER, Record, ResourcePath};
use portcullis_types::FieldError;
use portcullis_types::authress::{
    AccessRecordBody, ClaimRequest, ClaimResponse, Resource, ResourceAction, Statement, User,
};

use crate::access::{bad_resource, forbidden};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Claims a new resource in a collection: the caller becomes its owner, by a record that it is the admin of.
///
/// # Errors
/// [`Error::Forbidden`] unless the collection is configured `CLAIM` or the caller could delegate everything below it;
/// [`Error::Conflict`] when anybody has explicit access to the resource already; [`Error::Invalid`].
pub async fn claim(portcullis: &Portcullis, cx: &Cx, request: ClaimRequest) -> Result<ClaimResponse> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let collection = parse_collection(&request.collection_resource)?;
        let resource = parse_claimed(&collection, &request.resource_id)?;
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let config = unit.queries().resource_config(collection.as_str()).await?;
        let claimable = config.is_some_and(|config| config.allows(ResourceAction::Claim))
            && rights.token_covers_owning(resource.as_str());
        if !claimable && rights.require_delegate_of_all(&format!("{}/*", collection.as_str())).is_err() {
            return Err(forbidden("CLAIM", collection.as_str()));
        }
        // One writer for a resource at a time: the record's id is made of the resource, so that of two claims one wins.
        if unit.queries().has_explicit_access(resource.as_str()).await? {
            return Err(Error::Conflict("somebody has access to the resource already"));
        }
        let record = owner(&portcullis, &cx, &resource)?;
        if !unit.queries().insert_record(&record).await? {
            return Err(Error::Conflict("the resource was claimed already"));
        }
        crate::record::note_principals(&mut unit, &record);
        unit.audit("resource.claim", resource.as_str(), Some(record.record_id.clone()));
        unit.commit().await?;
        Ok(ClaimResponse { record_id: record.record_id })
    })
    .await
}

fn parse_collection(uri: &str) -> Result<ResourcePath> {
    let collection = ResourcePath::parse(uri).map_err(|error| bad_resource("collectionResource", error))?;
    let named = uri.len() <= 128 && collection.depth() > 0 && !uri.contains('*');
    if named {
        Ok(collection)
    } else {
        Err(FieldError::new("collectionResource", "a collection of 1 to 128 characters, without wildcards")
            .into())
    }
}

fn parse_claimed(collection: &ResourcePath, resource_id: &str) -> Result<ResourcePath> {
    let expected = "one segment of 1 to 128 characters, without wildcards";
    let path = ResourcePath::parse(&format!("{}/{resource_id}", collection.as_str()));
    match path {
        Ok(path)
            if resource_id.len() <= 128
                && !resource_id.contains('*')
                && !resource_id.ends_with('/')
                && path.depth() == collection.depth() + 1 =>
        {
            Ok(path)
        }
        _ => Err(FieldError::new("resourceId", expected).into()),
    }
}

fn owner(portcullis: &Portcullis, cx: &Cx, resource: &ResourcePath) -> Result<Record> {
    let digest = portcullis_jose::Digest::of(resource.as_str().as_bytes());
    let hex: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let body = AccessRecordBody {
        name: format!("Claim of {resource}").chars().take(128).collect(),
        users: Some(vec![User { user_id: cx.name().to_owned() }]),
        statements: vec![Statement {
            roles: vec![OWNER.to_owned()],
            resources: vec![Resource { resource_uri: resource.to_string() }],
            ..Statement::default()
        }],
        ..AccessRecordBody::default()
    };
    Ok(Record::from_body(body, format!("rec_claim_{hex}"), cx.name(), portcullis.change_time(None))?)
}
