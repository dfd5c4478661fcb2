use portcullis::audit::{self, AuditQuery};
use serde_json::{Value, json};

use super::backend::{Backend, Local};
use super::entity::to_json;
use super::remote::Remote;
use super::target::Target;
use crate::{Error, Result, output};

/// The most events of one page.
const PAGE: u32 = 100;

/// Who changed what, newest first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    /// How many events
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Only by this actor
    #[arg(long)]
    actor: Option<String>,
    /// Only to this thing
    #[arg(long)]
    on: Option<String>,
    /// Only this action, such as record.create
    #[arg(long)]
    action: Option<String>,
}

pub(super) async fn run(args: Args) -> Result {
    let backend = Backend::open(&args.target).await?;
    let events = collect(&backend, &args).await;
    backend.close().await;
    let events = events?;
    if args.target.json {
        return output::json(&json!({ "events": events }));
    }
    let columns = ["at", "actor", "action", "target", "outcome"];
    let text =
        |event: &Value, column| event.get(column).and_then(Value::as_str).unwrap_or_default().to_owned();
    let row = |event| columns.iter().map(|column| text(event, column)).collect();
    output::table(&events.iter().map(row).collect::<Vec<Vec<String>>>())
}

/// As many events as were asked for, whatever a page holds.
async fn collect(backend: &Backend, args: &Args) -> Result<Vec<Value>> {
    let mut events: Vec<Value> = Vec::new();
    let mut before: Option<String> = None;
    loop {
        let missing = args.limit.saturating_sub(u32::try_from(events.len()).unwrap_or(u32::MAX));
        if missing == 0 {
            return Ok(events);
        }
        let limit = missing.min(PAGE);
        let (page, next) = match backend {
            Backend::Local(local) => here(local, args, limit, before.as_deref()).await?,
            Backend::Remote(remote) => there(remote, args, limit, before.as_deref()).await?,
        };
        events.extend(page);
        before = next;
        if before.is_none() {
            return Ok(events);
        }
    }
}

type Page = (Vec<Value>, Option<String>);

async fn here(local: &Local, args: &Args, limit: u32, before: Option<&str>) -> Result<Page> {
    let query = AuditQuery {
        before: before.and_then(|id| id.parse().ok()),
        actor: args.actor.clone(),
        target: args.on.clone(),
        action: args.action.clone(),
        limit: Some(limit),
    };
    let listing = audit::list(&local.portcullis, &local.cx, query).await?;
    let events = listing.items.iter().map(to_json).collect::<Result<_>>()?;
    Ok((events, listing.next))
}

async fn there(remote: &Remote, args: &Args, limit: u32, cursor: Option<&str>) -> Result<Page> {
    let limit = limit.to_string();
    let mut query = vec![("limit", limit.as_str())];
    query.extend(cursor.map(|cursor| ("cursor", cursor)));
    query.extend(args.actor.as_deref().map(|actor| ("actor", actor)));
    query.extend(args.on.as_deref().map(|target| ("target", target)));
    query.extend(args.action.as_deref().map(|action| ("action", action)));
    let mut page = remote.get("/v1/audit", &query).await?;
    let next = page.pointer("/pagination/next/cursor").and_then(Value::as_str).map(str::to_owned);
    match page.get_mut("events").map(Value::take) {
        Some(Value::Array(events)) => Ok((events, next)),
        _ => Err(Error::Server("the server answered without events".to_owned())),
    }
}
