use portcullis_authz::{AskedPath, Bits, Holder, check_action};

use super::ask::{Question, parse_resource, parse_user};
use crate::{Cx, Portcullis, Result};

/// Answers a check (spec `authress-api.md` §3.1 `authorizeUser`, §4.6). Warm, it touches no database.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) for a malformed user id, resource or permission;
/// [`Error::Forbidden`](crate::Error::Forbidden) when the caller may not ask about this user. A failure is never an answer.
pub async fn check(portcullis: &Portcullis, cx: &Cx, question: Question<'_>) -> Result<bool> {
    let path = parse_resource(portcullis, question.resource)?;
    check_action(question.permission)?;
    let user = parse_user(question.user_id)?;
    let limited_by = portcullis.may_ask(cx, user).await?;
    let allowed = answer(portcullis, user, limited_by, &path, question.permission).await?;
    if !allowed {
        portcullis.inner.denials.denied(question, portcullis.now());
    }
    Ok(allowed)
}

/// Answers many checks about one user, in their order. One malformed question refuses all.
///
/// # Errors
/// As [`check`].
pub async fn check_many(
    portcullis: &Portcullis,
    cx: &Cx,
    user_id: &str,
    questions: &[(&str, &str)],
) -> Result<Vec<bool>> {
    let user = parse_user(user_id)?;
    let mut asked = Vec::with_capacity(questions.len());
    for (resource, permission) in questions {
        check_action(permission)?;
        asked.push((parse_resource(portcullis, resource)?, *permission));
    }
    let limited_by = portcullis.may_ask(cx, user).await?;
    let mut answers = Vec::with_capacity(asked.len());
    for ((path, permission), (resource, _)) in asked.iter().zip(questions) {
        let allowed = answer(portcullis, user, limited_by, path, permission).await?;
        if !allowed {
            portcullis.inner.denials.denied(Question { user_id, resource, permission }, portcullis.now());
        }
        answers.push(allowed);
    }
    Ok(answers)
}

async fn answer(
    portcullis: &Portcullis,
    user: &str,
    limited_by: Option<&str>,
    path: &AskedPath<'_>,
    permission: &str,
) -> Result<bool> {
    if let Some(token) = limited_by
        && !portcullis.decide(Holder::Token(token), path, permission, Bits::ALLOW).await?
    {
        return Ok(false);
    }
    portcullis.decide(Holder::User(user), path, permission, Bits::ALLOW).await
}
