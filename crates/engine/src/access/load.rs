use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use portcullis_authz::{Holder, LoadedGrants, StatementGrants};
use portcullis_domain::{PrincipalKind, compile_statements};
use portcullis_store::{PrincipalGrants, Snapshot};
use tokio::sync::Mutex;

use crate::{Portcullis, Result};

impl Portcullis {
    /// A holder's grant sets, from memory or else from the database.
    pub(crate) async fn grants(&self, holder: Holder<'_>) -> Result<LoadedGrants> {
        match self.decider().loaded(holder) {
            Some(grants) => Ok(grants),
            // Boxed: what is in memory, nearly always, must not carry the room for reading it.
            None => Box::pin(self.load(holder)).await,
        }
    }

    /// Reads a holder's facts, compiles them, and keeps the sets unless something changed meanwhile.
    pub(crate) async fn load(&self, holder: Holder<'_>) -> Result<LoadedGrants> {
        let _turn = match self.turn(holder) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        // Whoever had the turn before may have loaded it.
        if let Some(grants) = self.decider().loaded(holder) {
            return Ok(grants);
        }
        let decider = self.decider();
        let ticket = decider.begin_load(holder).filter(|_| !self.is_cut_off());
        let mut snapshot = self.read().await?;
        let (statements, group_ids) = match holder {
            Holder::User(id) => {
                let groups = snapshot.queries().groups_of(id).await?;
                (live_statements(&mut *snapshot, PrincipalKind::User, id).await?, groups)
            }
            Holder::Group(id) => {
                (live_statements(&mut *snapshot, PrincipalKind::Group, id).await?, Vec::new())
            }
            Holder::Token(id) => (token_statements(&mut *snapshot, id).await?, Vec::new()),
        };
        drop(snapshot);
        let mut groups = Vec::with_capacity(group_ids.len());
        for group in &group_ids {
            groups.push(self.load_group(group).await?);
        }
        let own = decider.finish_load(ticket, &statements, &group_ids);
        Ok(LoadedGrants { own, groups })
    }

    async fn load_group(&self, group_id: &str) -> Result<Arc<portcullis_authz::GrantSet>> {
        let holder = Holder::Group(group_id);
        let decider = self.decider();
        if let Some(known) = decider.loaded(holder) {
            return Ok(known.own);
        }
        let ticket = decider.begin_load(holder).filter(|_| !self.is_cut_off());
        let mut snapshot = self.read().await?;
        let statements = live_statements(&mut *snapshot, PrincipalKind::Group, group_id).await?;
        Ok(decider.finish_load(ticket, &statements, &[]))
    }

    pub(crate) fn is_cut_off(&self) -> bool {
        self.inner.cut_off.load(std::sync::atomic::Ordering::Acquire)
    }

    fn turn(&self, holder: Holder<'_>) -> Option<&Mutex<()>> {
        let mut hasher = DefaultHasher::new();
        holder.hash(&mut hasher);
        let turns = &self.inner.loading;
        let place = hasher.finish() % u64::try_from(turns.len().max(1)).ok()?;
        turns.get(usize::try_from(place).ok()?)
    }
}

async fn live_statements(
    snapshot: &mut dyn Snapshot,
    kind: PrincipalKind,
    id: &str,
) -> Result<Vec<StatementGrants>> {
    let grants = snapshot.queries().principal_grants(kind, id, false).await?;
    Ok(by_statement(grants).into_iter().map(|(_, statement)| statement).collect())
}

pub(super) async fn token_statements(
    snapshot: &mut dyn Snapshot,
    token_id: &str,
) -> Result<Vec<StatementGrants>> {
    let Some(token) = snapshot.queries().token(token_id).await? else { return Ok(Vec::new()) };
    let compiled = compile_statements(&token.statements, &[], &[]);
    Ok(compiled
        .into_iter()
        .map(|statement| StatementGrants {
            record_id: token_id.to_owned(),
            statement: statement.statement,
            resources: statement.resources,
            roles: statement.roles,
        })
        .collect())
}

/// Joins the two row sets of a principal by statement, and says of each whether its record is live.
pub(super) fn by_statement(grants: PrincipalGrants) -> Vec<(bool, StatementGrants)> {
    // Both come in the order of (record, statement), so one pass over each is enough.
    let mut roles = grants.roles.into_iter().peekable();
    let mut statements: Vec<(bool, StatementGrants)> = Vec::new();
    for resource in grants.resources {
        let same = statements.last().is_some_and(|(_, last)| {
            last.statement == resource.statement && last.record_id == resource.record_id
        });
        if !same {
            statements.push((
                resource.live,
                StatementGrants {
                    record_id: resource.record_id,
                    statement: resource.statement,
                    resources: Vec::new(),
                    roles: Vec::new(),
                },
            ));
        }
        if let Some((_, last)) = statements.last_mut() {
            last.resources.push(resource.uri);
        }
    }
    for (_, statement) in &mut statements {
        let key = (statement.record_id.as_str(), statement.statement);
        while let Some(role) = roles.peek() {
            match (role.record_id.as_str(), role.statement).cmp(&key) {
                std::cmp::Ordering::Less => drop(roles.next()),
                std::cmp::Ordering::Equal => statement.roles.extend(roles.next().map(|role| role.role_id)),
                std::cmp::Ordering::Greater => break,
            }
        }
    }
    statements
}
