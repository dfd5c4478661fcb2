use std::collections::{BTreeMap, BTreeSet};

use portcullis_domain::PrincipalKind;

use super::Rights;
use crate::Result;
use crate::change::Unit;

/// A credential is everything that its principal holds: refuses unless whoever hands one out could hand all of that out by a record.
pub(crate) async fn require_hand_out_of(unit: &mut Unit, rights: &mut Rights, principal: &str) -> Result<()> {
    let mut held = unit.queries().principal_grants(PrincipalKind::User, principal, false).await?;
    for group in unit.queries().groups_of(principal).await? {
        let by_group = unit.queries().principal_grants(PrincipalKind::Group, &group, false).await?;
        held.resources.extend(by_group.resources);
        held.roles.extend(by_group.roles);
    }
    rights.look_up_roles(unit.queries(), held.roles.iter().map(|role| &role.role_id)).await?;
    let mut resources: BTreeMap<(&str, u32), BTreeSet<&str>> = BTreeMap::new();
    for resource in &held.resources {
        resources.entry((&resource.record_id, resource.statement)).or_default().insert(&resource.uri);
    }
    held.roles.iter().try_for_each(|role| {
        let of_statement = resources.get(&(role.record_id.as_str(), role.statement));
        let mut of_statement = of_statement.into_iter().flatten();
        of_statement.try_for_each(|resource| rights.require_hand_out_role(&role.role_id, resource))
    })
}
