use clap::Subcommand;
use portcullis::{UnmodifiedSince, plan};
use portcullis_types::plan::PlanBody;
use serde_json::json;

use super::backend::Local;
use super::change::{self, Change};
use super::entity::{FromFile, ListArgs};
use super::nested::{self, There};
use super::remote::path;
use super::target::Target;
use crate::Result;

/// Plans: what is in a product at a price
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a plan; its features come from a file
    Create(Create),
    /// List the plans of a product
    List {
        /// The product
        product: String,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one plan
    Show(PlanOf),
    /// Replace one by what a file says, or set some of its members
    Update {
        #[command(flatten)]
        of: PlanOf,
        #[command(flatten)]
        change: Change,
    },
    /// Delete a plan that no subscription names
    Delete(PlanOf),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The product
    product: String,
    #[command(flatten)]
    from: FromFile,
    /// Its id; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Its name [default: the id]
    #[arg(long, conflicts_with = "file", required_unless_present_any = ["id", "file"])]
    name: Option<String>,
    /// The higher, the more there is in it
    #[arg(long, conflicts_with = "file", default_value_t = 0)]
    rank: i32,
}

#[derive(Debug, clap::Args)]
struct PlanOf {
    /// The product
    product: String,
    /// The plan
    plan: String,
}

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    let at = |one: &PlanOf| path(&["v1", "products", &one.product, "plans", &one.plan]);
    match &args.verb {
        Verb::Create(new) => {
            let name = new.name.as_ref().or(new.id.as_ref());
            let flags = json!({"planId": new.id, "name": name, "rank": new.rank});
            let (given, body) = nested::body::<PlanBody>("plan", &new.from, flags)?;
            let there = (path(&["v1", "products", &new.product, "plans"]), There::Post(&given));
            let here =
                async |local: &Local| plan::create(&local.portcullis, &local.cx, &new.product, body).await;
            let answer = nested::call(target, there, here).await?;
            nested::said(target, "created", &nested::text(&answer, "planId"), &answer)
        }
        Verb::List { product, list } => {
            let there = path(&["v1", "products", product, "plans"]);
            let columns: &[&str] = &["/planId", "/name", "/rank"];
            nested::list(target, (there, "plans", columns), list, async |local: &Local, page| {
                plan::list(&local.portcullis, &local.cx, product, page).await
            })
            .await
        }
        Verb::Show(one) => {
            nested::show(target, at(one), async |local: &Local| {
                plan::show(&local.portcullis, &local.cx, &one.product, &one.plan).await
            })
            .await
        }
        Verb::Update { of, change } => {
            let show =
                async |local: &Local| plan::show(&local.portcullis, &local.cx, &of.product, &of.plan).await;
            let write = async |local: &Local, body: PlanBody, expected: Option<UnmodifiedSince>| {
                let ids = (of.product.as_str(), of.plan.as_str());
                plan::update(&local.portcullis, &local.cx, ids, body, expected).await
            };
            let updated = change::update(target, ("plan", at(of)), change, show, write).await?;
            nested::said(target, "updated", &of.plan, &updated)
        }
        Verb::Delete(one) => {
            let here = async |local: &Local| {
                plan::delete(&local.portcullis, &local.cx, &one.product, &one.plan).await
            };
            let answer = nested::call(target, (at(one), There::Delete), here).await?;
            nested::said(target, "deleted", &one.plan, &answer)
        }
    }
}
