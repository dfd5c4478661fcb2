use portcullis::access;
use portcullis_types::{Explanation, Missing, NearMiss};

use super::backend::Backend;
use super::check::{Asked, outcome};
use super::target::Target;
use crate::{Error, Result, output};

/// May a user do this, and why? Exit code as of check
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    asked: Asked,
}

pub(super) async fn run(args: Args) -> Result {
    let backend = Backend::open(&args.target).await?;
    let explained = match &backend {
        Backend::Local(local) => {
            access::explain(&local.portcullis, &local.cx, args.asked.question()).await.map_err(Error::from)
        }
        Backend::Remote(remote) => {
            let Asked { user, permission, resource } = &args.asked;
            remote.client().access().explain(user, resource, permission).await.map_err(Error::from)
        }
    };
    backend.close().await;
    let explanation = explained?;
    if args.target.json {
        output::json(&explanation)?;
    } else {
        output::text(&tell(&explanation))?;
    }
    outcome(explanation.decision == "allow")
}

/// An explanation for people. What allowed is in its reason already.
fn tell(explanation: &Explanation) -> String {
    let Explanation { decision, principal, permission, resource, reason, .. } = explanation;
    let mut text = format!("{decision}: {principal} {permission} on {resource}\n  {reason}\n");
    if !explanation.nearest.is_empty() {
        text.push_str("  closest:\n");
    }
    for miss in &explanation.nearest {
        text.push_str(&format!("    {}\n", near(miss)));
    }
    text
}

fn near(miss: &NearMiss) -> String {
    let mut text = match &miss.record_id {
        Some(record_id) => format!("record {record_id}"),
        None => "a configuration".to_owned(),
    };
    if let Some(statement) = miss.statement {
        text.push_str(&format!(", statement {statement}"));
    }
    if let Some(role_id) = &miss.role_id {
        text.push_str(&format!(", role {role_id}"));
    }
    if let Some(resource) = &miss.resource_uri {
        text.push_str(&format!(", on {resource}"));
    }
    let missing = match miss.missing {
        Missing::Permission => "no role of it allows the permission",
        Missing::Resource => "it is about another resource",
        Missing::Principal => "it is for others",
        Missing::Deleted => "it was deleted",
        Missing::Token => "the token is limited to other statements",
    };
    format!("{text}: {missing}")
}

#[cfg(test)]
mod tests {
    use portcullis_types::{Allowed, Via, ViaKind};

    use super::*;

    fn explanation() -> Explanation {
        Explanation {
            decision: "allow".to_owned(),
            principal: "alice".to_owned(),
            permission: "documents:read".to_owned(),
            resource: "documents/1".to_owned(),
            reason: "record rec_docs, statement 0, gives role ro_reader on documents/*".to_owned(),
            allowed_by: Some(Allowed {
                record_id: Some("rec_docs".to_owned()),
                statement: Some(0),
                role_id: Some("ro_reader".to_owned()),
                resource_uri: "documents/*".to_owned(),
                via: Via { kind: ViaKind::Group, group_id: Some("grp_staff".to_owned()) },
            }),
            nearest: Vec::new(),
        }
    }

    #[test]
    fn a_yes_names_what_allowed() {
        let expected = "allow: alice documents:read on documents/1\n  \
            record rec_docs, statement 0, gives role ro_reader on documents/*\n";
        assert_eq!(tell(&explanation()), expected);
    }

    #[test]
    fn a_no_names_what_came_close() {
        let miss = NearMiss {
            record_id: Some("rec_docs".to_owned()),
            statement: Some(2),
            role_id: None,
            resource_uri: Some("documents/*".to_owned()),
            missing: Missing::Principal,
        };
        let denied = Explanation { allowed_by: None, nearest: vec![miss], ..explanation() };
        let text = tell(&denied);
        assert!(
            text.ends_with(
                "  closest:\n    record rec_docs, statement 2, on documents/*: it is for others\n"
            ),
            "{text}"
        );
    }
}
