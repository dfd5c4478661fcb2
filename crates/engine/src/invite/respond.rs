use portcullis_domain::{Record, StoredInvite, compile_statements};
use portcullis_jose::Digest;
use portcullis_types::authress::{
    AccessRecordBody, Account, ConflictResolution, RecordStatus, Statement, User,
};

use super::{hex, stored_id};
use crate::access::{Rights, checked};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Accepts an invite, once: the caller gets what it gives, by a record whose admin is the inviter. What happens to a record of
/// an earlier invite by the same inviter is the invite's conflict resolution.
///
/// # Errors
/// [`Error::NotFound`] for an unknown, withdrawn, accepted or expired invite, and for one that is linked to somebody else;
/// [`Error::Forbidden`] when the inviter may no longer hand out what it gives, and for a token that is limited to statements
/// without UPDATE on `Authress:Invites`; [`Error::Conflict`] when the merged record
/// would have more than 100 statements.
pub async fn respond(portcullis: &Portcullis, cx: &Cx, invite_id: &str) -> Result<Account> {
    checked(portcullis_types::id::opaque_id, "inviteId", invite_id)?;
    let (portcullis, cx, invite_id) = (portcullis.clone(), cx.clone(), invite_id.to_owned());
    Portcullis::to_the_end(async move {
        let seen = portcullis.read().await?.queries().invite(&stored_id(&invite_id)).await?;
        let seen = seen.ok_or(Error::NotFound("invite"))?;
        if seen.linked_user_id.as_deref().is_some_and(|linked| linked != cx.name()) {
            return Err(Error::NotFound("invite"));
        }
        portcullis.rights(&cx).await?.require_token("UPDATE", "Authress:Invites")?;
        let mut inviter = portcullis.rights_of(&seen.created_by).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let now = portcullis.now();
        let invite = unit
            .queries()
            .consume_invite(&stored_id(&invite_id), now)
            .await?
            .ok_or(Error::NotFound("invite"))?;
        if !invite.statements.is_empty() {
            give(&portcullis, &mut unit, &mut inviter, &invite, cx.name()).await?;
        }
        unit.audit("invite.accept", "invite", Some(format!("invited by {}", invite.created_by)));
        unit.commit().await?;
        Ok(portcullis.account_wire())
    })
    .await
}

async fn give(
    portcullis: &Portcullis,
    unit: &mut Unit,
    inviter: &mut Rights,
    invite: &StoredInvite,
    user_id: &str,
) -> Result<()> {
    let statements = invite.record_statements();
    let compiled = compile_statements(&statements, &[], &[]);
    inviter.look_up_roles(unit.queries(), compiled.iter().flat_map(|one| &one.roles)).await?;
    compiled.iter().try_for_each(|one| inviter.require_hand_out(one))?;
    let strategy = invite.conflict_resolution_strategy;
    let record_id = match strategy {
        ConflictResolution::GenerateNewRecord => portcullis.mint("rec_")?,
        _ => joint_record_id(&invite.created_by, user_id),
    };
    let stored = unit.queries().record_for_update(&record_id).await?.map(|row| row.record);
    match stored.filter(|record| record.status == RecordStatus::Active) {
        None => {
            let body = body(user_id, statements);
            let record =
                Record::from_body(body, record_id, &invite.created_by, portcullis.change_time(None))?;
            crate::record::insert(unit, &record).await
        }
        Some(_) if strategy == ConflictResolution::SkipChanges => Ok(()),
        Some(stored) => {
            let merged = match strategy {
                ConflictResolution::UnsafeForceMerge => merge(&stored, statements)?,
                _ => statements,
            };
            let body = body(user_id, merged);
            crate::record::replace(portcullis, unit, inviter, &stored, body).await.map(drop)
        }
    }
}

/// One record for an inviter and an invited, so that invites can be merged; a hash, because ids have other characters.
fn joint_record_id(inviter: &str, user_id: &str) -> String {
    let digest = Digest::of(format!("{inviter}\0{user_id}").as_bytes());
    format!("rec_inv_{}", hex(&digest))
}

fn merge(stored: &Record, statements: Vec<Statement>) -> Result<Vec<Statement>> {
    let mut merged = stored.statements.clone();
    for statement in statements {
        if !merged.contains(&statement) {
            merged.push(statement);
        }
    }
    if merged.len() > 100 {
        Err(Error::Conflict("the merged record would have more than 100 statements"))
    } else {
        Ok(merged)
    }
}

fn body(user_id: &str, statements: Vec<Statement>) -> AccessRecordBody {
    AccessRecordBody {
        name: "Accepted invite".to_owned(),
        users: Some(vec![User { user_id: user_id.to_owned() }]),
        statements,
        ..AccessRecordBody::default()
    }
}
