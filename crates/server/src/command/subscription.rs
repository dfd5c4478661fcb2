use clap::Subcommand;
use portcullis::{UnmodifiedSince, subscription};
use portcullis_types::subscription::SubscriptionBody;
use serde_json::json;

use super::backend::Local;
use super::change::{self, Change};
use super::entity::{FromFile, ListArgs};
use super::nested::{self, There};
use super::remote::path;
use super::target::Target;
use crate::Result;

/// Subscriptions: what organizations bought
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a subscription
    Create(Create),
    /// List the subscriptions of an organization
    List {
        /// The organization
        organization: String,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one subscription
    Show(Of),
    /// Show what was used of its metered features
    Usage(Of),
    /// Replace one by what a file says, or set some of its members
    Update {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        change: Change,
    },
    /// Delete one with its seats and its usage
    Delete(Of),
    /// Give a member a seat
    Assign(SeatOf),
    /// Take a seat back
    Unassign(SeatOf),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The organization
    organization: String,
    #[command(flatten)]
    from: FromFile,
    /// The plan
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    plan: Option<String>,
    /// Its id; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// How many members may have a seat [default: not counted]
    #[arg(long, conflicts_with = "file")]
    seats: Option<i64>,
}

#[derive(Debug, clap::Args)]
struct Of {
    /// The organization
    organization: String,
    /// The subscription
    subscription: String,
}

impl Of {
    fn path(&self, below: &[&str]) -> String {
        let own = ["v1", "organizations", &self.organization, "subscriptions", &self.subscription];
        path(&[&own, below].concat())
    }
}

#[derive(Debug, clap::Args)]
struct SeatOf {
    #[command(flatten)]
    of: Of,
    /// The member
    user: String,
}

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Create(new) => create(target, new).await,
        Verb::List { organization, list } => {
            let there = path(&["v1", "organizations", organization, "subscriptions"]);
            let columns: &[&str] = &["/subscriptionId", "/planId", "/status"];
            nested::list(target, (there, "subscriptions", columns), list, async |local: &Local, page| {
                subscription::list(&local.portcullis, &local.cx, organization, page).await
            })
            .await
        }
        Verb::Show(one) => {
            nested::show(target, one.path(&[]), async |local: &Local| {
                subscription::show(&local.portcullis, &local.cx, &one.organization, &one.subscription).await
            })
            .await
        }
        Verb::Usage(one) => {
            nested::show(target, one.path(&["usage"]), async |local: &Local| {
                subscription::usage(&local.portcullis, &local.cx, &one.organization, &one.subscription).await
            })
            .await
        }
        Verb::Update { of, change } => {
            let ids = (of.organization.as_str(), of.subscription.as_str());
            let show =
                async |local: &Local| subscription::show(&local.portcullis, &local.cx, ids.0, ids.1).await;
            let write = async |local: &Local, body: SubscriptionBody, expected: Option<UnmodifiedSince>| {
                subscription::update(&local.portcullis, &local.cx, ids, body, expected).await
            };
            let place = ("subscription", of.path(&[]));
            let updated = change::update(target, place, change, show, write).await?;
            nested::said(target, "updated", &of.subscription, &updated)
        }
        Verb::Delete(one) => {
            let here = async |local: &Local| {
                subscription::delete(&local.portcullis, &local.cx, &one.organization, &one.subscription).await
            };
            let answer = nested::call(target, (one.path(&[]), There::Delete), here).await?;
            nested::said(target, "deleted", &one.subscription, &answer)
        }
        Verb::Assign(SeatOf { of, user }) => {
            let here = async |local: &Local| {
                let ids = (of.organization.as_str(), of.subscription.as_str());
                subscription::assign_seat(&local.portcullis, &local.cx, ids, user).await
            };
            let there = (of.path(&["seats", user]), There::Put(None));
            nested::said(target, "assigned", user, &nested::call(target, there, here).await?)
        }
        Verb::Unassign(SeatOf { of, user }) => {
            let here = async |local: &Local| {
                let ids = (of.organization.as_str(), of.subscription.as_str());
                subscription::unassign_seat(&local.portcullis, &local.cx, ids, user).await
            };
            let there = (of.path(&["seats", user]), There::Delete);
            nested::said(target, "unassigned", user, &nested::call(target, there, here).await?)
        }
    }
}

async fn create(target: &Target, new: &Create) -> Result {
    let flags = json!({"subscriptionId": new.id, "planId": new.plan, "seatCount": new.seats});
    let (given, body) = nested::body::<SubscriptionBody>("subscription", &new.from, flags)?;
    let there = (path(&["v1", "organizations", &new.organization, "subscriptions"]), There::Post(&given));
    let here = async |local: &Local| {
        subscription::create(&local.portcullis, &local.cx, &new.organization, body).await
    };
    let answer = nested::call(target, there, here).await?;
    nested::said(target, "created", &nested::text(&answer, "subscriptionId"), &answer)
}
