use clap::Subcommand;
use portcullis::{PageRequest, credits};
use portcullis_types::MicroCredits;
use portcullis_types::credits::CreditGrantBody;
use serde_json::{Value, json};

use super::backend::Backend;
use super::entity::to_json;
use super::remote::path;
use super::target::Target;
use crate::{Error, Result, output};

/// Credits: what wallets hold, and what is given to them
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Give credits to a wallet, which is made by its first grant
    Grant(Grant),
    /// Show what a wallet holds
    Balance(Wallet),
    /// Show the newest lines of a wallet's ledger
    Entries(Entries),
    /// Take back what is free of a grant
    Void(Void),
    /// Replay every ledger and compare it with the balances; exits with 1 when they differ
    Reconcile,
}

#[derive(Debug, clap::Args)]
struct Wallet {
    /// An organization's id, or a user's
    account: String,
}

#[derive(Debug, clap::Args)]
struct Entries {
    /// An organization's id, or a user's
    account: String,
    /// The wallet's currency
    #[arg(long, default_value = "CREDIT")]
    currency: String,
    /// How many lines
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
}

#[derive(Debug, clap::Args)]
struct Void {
    /// An organization's id, or a user's
    account: String,
    /// The grant
    grant: String,
}

#[derive(Debug, clap::Args)]
struct Grant {
    /// An organization's id, or a user's
    account: String,
    /// In credits, with up to six decimals
    #[arg(value_parser = amount)]
    amount: MicroCredits,
    /// Its id; minted when absent
    #[arg(long)]
    id: Option<String>,
    /// The wallet's currency [default: CREDIT]
    #[arg(long)]
    currency: Option<String>,
    /// promotional, plan, refund or paid [default: paid]
    #[arg(long)]
    category: Option<String>,
    /// 0 to 100, 0 is used up first [default: 50]
    #[arg(long)]
    priority: Option<i64>,
    /// When it expires: an RFC 3339 instant [default: never]
    #[arg(long, value_name = "INSTANT")]
    expires: Option<String>,
    /// The same key with the same words gives it only once
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

/// Credits with up to six decimals, exactly.
fn amount(text: &str) -> Result<MicroCredits, String> {
    let expected = || "credits with up to six decimals, such as 100 or 0.25".to_owned();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return Err(expected());
    }
    format!("{whole}{fraction:0<6}").parse().map(MicroCredits).map_err(|_too_large| expected())
}

impl Grant {
    fn body(&self) -> Value {
        let mut body = json!({ "amount": self.amount });
        let members = [
            ("grantId", self.id.as_ref().map(|text| json!(text))),
            ("currency", self.currency.as_ref().map(|text| json!(text))),
            ("category", self.category.as_ref().map(|text| json!(text))),
            ("priority", self.priority.map(|number| json!(number))),
            ("expiresAt", self.expires.as_ref().map(|text| json!(text))),
            ("idempotencyKey", self.idempotency_key.as_ref().map(|text| json!(text))),
        ];
        for (name, value) in members {
            if let (Some(value), Some(object)) = (value, body.as_object_mut()) {
                object.insert(name.to_owned(), value);
            }
        }
        body
    }
}

pub(super) async fn run(args: Args) -> Result {
    let backend = Backend::open(&args.target).await?;
    let done = ask(&backend, &args.verb).await;
    backend.close().await;
    show(&args, &done?)
}

async fn ask(backend: &Backend, verb: &Verb) -> Result<Value> {
    match backend {
        Backend::Local(local) => {
            let (portcullis, cx) = (&local.portcullis, &local.cx);
            match verb {
                Verb::Grant(grant) => {
                    let body: CreditGrantBody = serde_json::from_value(grant.body())
                        .map_err(|error| Error::Usage(format!("not a grant: {error}")))?;
                    to_json(&credits::grant(portcullis, cx, &grant.account, body).await?)
                }
                Verb::Balance(wallet) => match credits::balance(portcullis, cx, &wallet.account).await {
                    Err(portcullis::Error::NotFound(_)) => {
                        Err(Error::No(format!("no wallet {}", wallet.account)))
                    }
                    balance => to_json(&balance?),
                },
                Verb::Entries(of) => {
                    let page = PageRequest::first(of.limit);
                    let found =
                        credits::entries(portcullis, cx, &of.account, Some(&of.currency), page).await?;
                    Ok(json!({ "entries": found.items }))
                }
                Verb::Void(void) => {
                    to_json(&credits::void_grant(portcullis, cx, &void.account, &void.grant).await?)
                }
                Verb::Reconcile => to_json(&credits::reconcile(portcullis, cx).await?),
            }
        }
        Backend::Remote(remote) => {
            let account = |id: &str| path(&["v1", "credits", "accounts", id]);
            match verb {
                Verb::Grant(grant) => {
                    remote.post(&format!("{}/grants", account(&grant.account)), &grant.body()).await
                }
                Verb::Balance(wallet) => remote.get(&account(&wallet.account), &[]).await,
                Verb::Entries(of) => {
                    let limit = of.limit.to_string();
                    let query = [("currency", of.currency.as_str()), ("limit", limit.as_str())];
                    remote.get(&format!("{}/entries", account(&of.account)), &query).await
                }
                Verb::Void(void) => {
                    let to =
                        path(&["v1", "credits", "accounts", &void.account, "grants", &void.grant, "void"]);
                    remote.post(&to, &json!({})).await
                }
                Verb::Reconcile => Err(Error::Usage(
                    "reconcile reads a whole database: name it with --database or --data-dir".to_owned(),
                )),
            }
        }
    }
}

fn show(args: &Args, found: &Value) -> Result {
    let wrong = matches!(args.verb, Verb::Reconcile)
        && found.get("differences").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    if args.target.json {
        output::json(found)?;
    } else {
        let (list, columns): (&str, &[&str]) = match args.verb {
            Verb::Balance(_) => ("balances", &["currency", "credits", "available", "held", "overdraft"]),
            Verb::Entries(_) => {
                ("entries", &["transaction", "kind", "ledger", "delta", "grantId", "reservationId", "at"])
            }
            Verb::Reconcile => ("differences", &["accountId", "currency", "what", "ledger", "stored"]),
            Verb::Grant(_) | Verb::Void(_) => ("", &["grantId", "amount", "remaining", "state"]),
        };
        let cell = |row: &Value, column: &&str| match row.get(*column) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        let row = |row: &Value| columns.iter().map(|column| cell(row, column)).collect::<Vec<_>>();
        let rows: Vec<_> = match found.get(list).and_then(Value::as_array) {
            Some(items) => items.iter().map(row).collect(),
            None => vec![row(found)],
        };
        output::table(&rows)?;
    }
    if wrong { Err(Error::No(String::new())) } else { Ok(()) }
}
