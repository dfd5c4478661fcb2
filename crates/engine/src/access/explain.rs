use portcullis_authz::explain::{self, Facts};
use portcullis_authz::{Bits, Holder, StatementGrants, check_action};
use portcullis_domain::{PrincipalKind, ResourcePath};
use portcullis_store::Queries;
use portcullis_types::{Explanation, Missing, NearMiss};

use super::ask::{Question, parse_resource, parse_user};
use super::load::by_statement;
use crate::{Cx, Portcullis, Result};

/// The most statements of others that are looked at for each part of the path.
const OTHERS: u32 = 20;

/// Answers a check and says why (spec: `ARCHITECTURE.md`, "Explain"). The decision is [`check`](super::check())'s, made by the
/// same code over facts read now.
///
/// # Errors
/// As [`check`](super::check()); also [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Authress:AccessRecords`,
/// because it names records.
pub async fn explain(portcullis: &Portcullis, cx: &Cx, question: Question<'_>) -> Result<Explanation> {
    let path = parse_resource(portcullis, question.resource)?;
    check_action(question.permission)?;
    let user = parse_user(question.user_id)?;
    let limited_by = portcullis.may_ask(cx, user).await?;
    portcullis.rights(cx).await?.require("READ", "Authress:AccessRecords")?;
    let facts = facts(portcullis, user, question.resource).await?;
    let asked = explain::Question {
        principal: question.user_id,
        permission: question.permission,
        resource: question.resource,
    };
    let explanation = explain::explain(portcullis.decider(), &facts, asked, &path);
    if let Some(token) = limited_by
        && explanation.decision == "allow"
        && !portcullis.decide(Holder::Token(token), &path, question.permission, Bits::ALLOW).await?
    {
        return Ok(limited(explanation));
    }
    Ok(explanation)
}

/// The user may, the token may not.
fn limited(explanation: Explanation) -> Explanation {
    let allowed = explanation.allowed_by.as_ref();
    let miss = NearMiss {
        record_id: allowed.and_then(|allowed| allowed.record_id.clone()),
        statement: allowed.and_then(|allowed| allowed.statement),
        role_id: allowed.and_then(|allowed| allowed.role_id.clone()),
        resource_uri: allowed.map(|allowed| allowed.resource_uri.clone()),
        missing: Missing::Token,
    };
    Explanation {
        decision: "deny".to_owned(),
        reason: "the user has the permission here, but the token is limited to other statements".to_owned(),
        allowed_by: None,
        nearest: vec![miss],
        ..explanation
    }
}

async fn facts(portcullis: &Portcullis, user: &str, resource: &str) -> Result<Facts> {
    let public = portcullis.public_resources().await?;
    let mut snapshot = portcullis.read().await?;
    let queries = snapshot.queries();
    let mut facts = Facts { public, ..Facts::default() };
    let own = queries.principal_grants(PrincipalKind::User, user, true).await?;
    split(by_statement(own), &mut facts.own, &mut facts.deleted);
    for group in queries.groups_of(user).await? {
        let grants = queries.principal_grants(PrincipalKind::Group, &group, true).await?;
        let mut live = Vec::new();
        split(by_statement(grants), &mut live, &mut facts.deleted);
        facts.groups.push((group, live));
    }
    facts.of_others = of_others(queries, &facts, resource).await?;
    Ok(facts)
}

fn split(
    statements: Vec<(bool, StatementGrants)>,
    live: &mut Vec<StatementGrants>,
    deleted: &mut Vec<StatementGrants>,
) {
    for (is_live, statement) in statements {
        if is_live { live.push(statement) } else { deleted.push(statement) }
    }
}

/// Live statements on the resource or above it that are for others, the closest first.
async fn of_others(queries: &mut dyn Queries, facts: &Facts, resource: &str) -> Result<Vec<StatementGrants>> {
    let Ok(path) = ResourcePath::parse(resource) else { return Ok(Vec::new()) };
    let segments: Vec<&str> = path.segments().collect();
    let mut found: Vec<StatementGrants> = Vec::new();
    for depth in (0..=segments.len()).rev() {
        let prefix = segments.get(..depth).unwrap_or_default().join("/");
        let below = if prefix.is_empty() { "*".to_owned() } else { format!("{prefix}/*") };
        for uri in [prefix, below] {
            for on in queries.statements_on(&uri, OTHERS).await? {
                let known =
                    |one: &StatementGrants| one.record_id == on.record_id && one.statement == on.statement;
                let own = facts.own.iter().chain(facts.groups.iter().flat_map(|(_, of)| of)).any(known);
                if on.live && !own && !found.iter().any(known) {
                    let roles = queries.statement_roles(&on.record_id, on.statement).await?;
                    found.push(StatementGrants {
                        record_id: on.record_id,
                        statement: on.statement,
                        resources: vec![on.uri],
                        roles,
                    });
                }
            }
        }
    }
    Ok(found)
}
